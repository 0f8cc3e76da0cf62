package monitors

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPromQL(t *testing.T) {
	for query, want := range map[string][]string{
		`sum by (job) (rate(http_requests_total{code=~"5..", method!="GET"}[5m])) / on (job) group_left up`: {"http_requests_total", "up"},
		`sum(rate(a_total[$__rate_interval])) without (pod) > bool 3 and absent(b)`:                         {"a_total", "b"},
		`{__name__=~"x_total|y_total", job="api"}`:                                                          {"x_total", "y_total"},
		`{"dotted.name", job="api"}`:                                                                        {"dotted.name"},
		`histogram_quantile(0.99, sum(rate(h_bucket{job=~"$job"}[1h:5m] offset 1d)) by (le))`:               {"h_bucket"},
		`label_values(node_uname_info{job="$job"}, instance)`:                                               {"node_uname_info"},
		`label_values(instance)`:                                                                            nil,
		`rate(${metric}_total[5m]) # old_total` + "\n" + `+ job:rate5m`:                                     {"job:rate5m"},
		`topk(5, m) or vector(0)`:                                                                           {"m"},
		`count_values("version", build_info)`:                                                               {"build_info"},
	} {
		selectors, _ := PromQL(query)
		var got []string
		for _, s := range selectors {
			got = append(got, s.Metric)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
}
