package observability

import "flightpoll/detectors/lazy"

// monitorPath are the paths at which repositories keep what watches them.
var monitorPath = lazy.New(`(?i)(?:^|[/._-])(?:alerts?|alerting|alertmanager|rules?|prometheus|grafana|dashboards?|monitoring|monitors?|slos?|sloth|pyrra|observability|datadog|keda|mixin|panels?|servicemonitors?|podmonitors?|vmrules?|loki)(?:[/._-]|$)`)
