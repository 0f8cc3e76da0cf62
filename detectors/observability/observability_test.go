package observability

import (
	"testing"

	"flightpoll/detectors/scenario"
)

func TestBlindHandler(t *testing.T)   { scenario.Test(t, BlindHandler, "testdata/blind-handler") }
func TestSwallowedError(t *testing.T) { scenario.Test(t, SwallowedError, "testdata/swallowed-error") }
func TestUnstructuredLog(t *testing.T) {
	scenario.Test(t, UnstructuredLog, "testdata/unstructured-log")
}
func TestLogLineRenamed(t *testing.T) { scenario.Test(t, LogLineRenamed, "testdata/log-line-renamed") }
func TestSelectorStale(t *testing.T)  { scenario.Test(t, SelectorStale, "testdata/selector-stale") }
func TestUnknownMetric(t *testing.T)  { scenario.Test(t, UnknownMetric, "testdata/unknown-metric") }
func TestSpanNotEnded(t *testing.T)   { scenario.Test(t, SpanNotEnded, "testdata/span-not-ended") }
func TestContextNotPropagated(t *testing.T) {
	scenario.Test(t, ContextNotPropagated, "testdata/context-not-propagated")
}

func TestUnboundedLabel(t *testing.T) { scenario.Test(t, UnboundedLabel, "testdata/unbounded-label") }
func TestMetricRenamed(t *testing.T)  { scenario.Test(t, MetricRenamed, "testdata/metric-renamed") }
func TestAlertIncomplete(t *testing.T) {
	scenario.Test(t, AlertIncomplete, "testdata/alert-incomplete")
}
func TestAlertWeakened(t *testing.T)  { scenario.Test(t, AlertWeakened, "testdata/alert-weakened") }
func TestMissingTimeout(t *testing.T) { scenario.Test(t, MissingTimeout, "testdata/missing-timeout") }
func TestSensitiveLogged(t *testing.T) {
	scenario.Test(t, SensitiveLogged, "testdata/sensitive-logged")
}
func TestObservationOff(t *testing.T) { scenario.Test(t, ObservationOff, "testdata/observation-off") }
func TestMissingDashboard(t *testing.T) {
	scenario.Test(t, MissingDashboard, "testdata/missing-dashboard")
}

func TestUnwrappedJob(t *testing.T) { scenario.Test(t, UnwrappedJob, "testdata/unwrapped-job") }
