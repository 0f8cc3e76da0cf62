package observability

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/observability/monitors"
	"flightpoll/detectors/source"
)

// ObservationOff reports what the branch switches off of what production is observed by: the log's level, the sampling of
// traces, an exporter, the error reporter, a health endpoint that probes still ask.
var ObservationOff = &detectors.Detector{
	ID:    "observability/observation-off",
	Title: "Logs, traces, metrics or error reports of production are switched off",
	Run:   runObservationOff,
}

func runObservationOff(pass *detectors.Pass) error {
	l, err := newLookup(pass)
	if err != nil {
		return err
	}
	looked := 0
	for _, f := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if f.Binary || f.Generated || f.Vendored || f.TooLarge || f.Status == branch.Added || source.IsTest(f.Path) || source.IsExample(f.Path) || source.IsDoc(f.Path) || notProduction.MatchString(f.Path) {
			continue
		}
		looked++
		if err := l.settingsOff(f); err != nil {
			return err
		}
	}
	changed, unread := bothSides(pass)
	for _, s := range changed {
		if s.base != nil {
			l.reporterOff(s)
			l.levelOff(s)
		}
	}
	l.healthOff(changed)
	if looked == 0 {
		return cmpErr(unread, detectors.ErrNotApplicable)
	}
	return cmpErr(pass.Context.Err(), unread)
}

// notProduction are paths of settings that no user meets.
var notProduction = lazy.New(`(?i)(?:^|[/._-])(?:dev|develop|development|local|localhost|test|tests|testing|e2e|example|sample|ci|github|devcontainer|sandbox|demo|playground|template)(?:[/._-]|$)`)

var (
	levelKey    = lazy.New(`(?:^|[.\]])(?:log(?:ging|ger)?\.?level(?:\.root|\.default)?|rootlevel|[a-z]*loglevel|rustlog|logging\.level\.[\w.]+|loglevel\.default|root\.level)$`)
	samplingKey = lazy.New(`sampl(?:e|ing|er)[a-z.]*(?:rate|ratio|probability|arg|percentage|fraction)|(?:traces?|tracing|sentry|otel)[a-z.]*(?:samplerate|sampleratio|probability)$`)
	exporterKey = lazy.New(`(?:^|[.\]])(?:otel(?:traces|metrics|logs)exporter|otelsdkdisabled|otelmetricsexporter)$`)
	endpointKey = lazy.New(`(?:^|[.\]])(?:otelexporterotlp(?:traces|metrics|logs)?endpoint|sentrydsn|sentry\.dsn|bugsnagapikey|rollbaraccesstoken|honeybadgerapikey|ddagenthost|newreliclicensekey|jaegerendpoint|zipkinendpoint|pushgatewayurl)$`)
	enabledKey  = lazy.New(`(?:^|[.\]])(?:[\w.]*(?:tracing|traces|metrics|telemetry|sentry|opentelemetry|otel|servicemonitor|podmonitor|prometheusrule|datadog|newrelic)(?:\.export(?:\.\w+)?)?\.?enabled|ddtraceenabled|newrelicenabled|serviceMonitor\.create)$`)
	actuatorKey = lazy.New(`endpoints\.web\.exposure\.include$`)
)

// loud are the levels at which requests leave a trace, silent those at which none does.
var (
	loud   = lazy.New(`(?i)^(?:trace|debug|verbose|info|information|notice|warn|warning|all)$`)
	silent = lazy.New(`(?i)^(?:error|fatal|critical|crit|off|none|silent|panic|emerg|alert|disabled)$`)
)

// settingsOff compares the settings of a changed file.
func (l *lookup) settingsOff(f *branch.File) error {
	before, err := f.Before()
	if err != nil {
		return nil //nolint:nilerr // what cannot be read has no settings
	}
	var after []byte
	if f.Status != branch.Deleted {
		if after, err = f.After(); err != nil {
			return nil //nolint:nilerr // as above
		}
	}
	was := monitors.Settings(cmp.Or(f.OldPath, f.Path), before)
	is := monitors.Settings(f.Path, after)
	for _, w := range was {
		if notProduction.MatchString(w.Key) {
			continue
		}
		now, there := settingOf(is, w.Key)
		what, why := switchedOff(w, now, there)
		if what == "" || !there && (f.Status == branch.Deleted || l.setElsewhere(f, w)) {
			continue
		}
		line := now.Line
		if !there {
			line = f.NewLine(w.Line)
		}
		l.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: w.Name,
			Message: what, Why: why, Fix: "Keep it on in production, or say in the commit how trouble is noticed from now on.",
			Evidence: []string{w.Key, what},
			Related:  []detectors.Related{{Path: f.Path, Line: line, Message: fmt.Sprintf("was there before the branch at line %d", w.Line)}},
		})
	}
	return nil
}

func settingOf(list []monitors.Setting, key string) (monitors.Setting, bool) {
	for _, s := range list {
		if s.Key == key {
			return s, true
		}
	}
	return monitors.Setting{}, false
}

// setElsewhere says whether another configuration file of the work tree sets what is gone here.
func (l *lookup) setElsewhere(f *branch.File, w monitors.Setting) bool {
	for _, p := range l.namingAny(w.Name) {
		if p != f.Path && source.LanguageOf(p) == "" && !notProduction.MatchString(p) {
			return true
		}
	}
	return false
}

// switchedOff says what a changed setting switches off, "" for nothing.
func switchedOff(w, now monitors.Setting, there bool) (what, why string) {
	switch {
	case levelKey.MatchString(w.Key) && there && loud.MatchString(w.Value) && silent.MatchString(now.Value):
		return fmt.Sprintf("the log level goes from %s to %s (%s)", w.Value, now.Value, w.Name),
			"Requests, retries and warnings leave no line from this deployment on: when something goes wrong there is nothing to read."
	case samplingKey.MatchString(w.Key) && there && positive(w.Value) && zero(now.Value):
		return fmt.Sprintf("the sampling of traces goes from %s to %s (%s)", w.Value, now.Value, w.Name),
			"No trace is kept from this deployment on, so a slow request cannot be looked at."
	case exporterKey.MatchString(w.Key) && there && w.Value != now.Value && (strings.EqualFold(now.Value, "none") || strings.HasSuffix(w.Key, "disabled") && strings.EqualFold(now.Value, "true")):
		return fmt.Sprintf("%s is switched off", w.Name), "What is measured is thrown away inside the process from this deployment on, and dashboards stay empty."
	case endpointKey.MatchString(w.Key) && w.Value != "" && (!there || now.Value == ""):
		return fmt.Sprintf("%s is taken away", w.Name), "Nothing is sent from this deployment on, and the library says so nowhere: errors happen unseen."
	case enabledKey.MatchString(w.Key) && there && strings.EqualFold(w.Value, "true") && strings.EqualFold(now.Value, "false"):
		return fmt.Sprintf("%s is switched off", strings.TrimLeft(w.Name, ".")+" of "+above(w.Key)), "What was observed until now is not from this deployment on."
	case actuatorKey.MatchString(w.Key) && there && now.Value != "*":
		for _, name := range []string{"prometheus", "health"} {
			if strings.Contains(w.Value, name) && !strings.Contains(now.Value, name) {
				return fmt.Sprintf("the endpoint %s is no longer exposed (%s)", name, w.Name), "Whoever asks it (the scraper, the probes) gets 404 from this deployment on."
			}
		}
	}
	return "", ""
}

// above is the part of a key before its last one.
func above(key string) string {
	parts := strings.Split(key, ".")
	if len(parts) < 2 {
		return key
	}
	return parts[len(parts)-2]
}

func positive(text string) bool {
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	return err == nil && n > 0
}

func zero(text string) bool {
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	return err == nil && n == 0
}

// reporters are calls that start an error reporter or a telemetry SDK.
var reporters = lazy.New(`^(?:Sentry|sentry|sentry_sdk|SentrySdk|Bugsnag|bugsnag|Rollbar|rollbar|Honeybadger|Raven|newrelic\.agent|ddtrace|tracer|AppSignal|otel|OpenTelemetry)\.(?:init|Init|start|Start|configure|notify_on|initialize|patch_all|SetTracerProvider|SetMeterProvider)$`)

// reporterOff reports an error reporter that is no longer started anywhere.
func (l *lookup) reporterOff(s side) {
	for _, c := range s.base.Calls {
		name := c.Full()
		if !reporters.MatchString(name) || s.head != nil && !s.change.Removed(c.Span.Line) || l.called(s.head, name) {
			continue
		}
		still := slices.ContainsFunc(l.naming(lastOf(c.Receiver)), func(p string) bool {
			return p != s.change.Path && l.called(l.read(p), name)
		})
		if still {
			continue
		}
		line := s.change.NewLine(c.Span.Line)
		l.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: s.change.Path, Line: line, Symbol: name,
			Message:  name + " is no longer called anywhere",
			Why:      "Errors and traces were sent by what it starts; from this deployment on they stay inside the process.",
			Fix:      "Keep it, or start what replaces it in the same branch.",
			Evidence: []string{name},
			Related:  []detectors.Related{{Path: s.change.Path, Line: line, Message: fmt.Sprintf("was called here, at line %d before the branch", c.Span.Line)}},
		})
		return
	}
}

func (l *lookup) called(f *source.File, name string) bool {
	return f != nil && slices.ContainsFunc(f.Calls, func(c *source.Call) bool { return c.Full() == name })
}

// levelOff reports a logger whose level the code raises, or whose sampling it sets to nothing.
func (l *lookup) levelOff(s side) {
	if s.head == nil || notProduction.MatchString(s.change.Path) || commandLine(s.head) {
		return
	}
	was, is := codeSettings(s.base), codeSettings(s.head)
	for _, now := range is {
		before, ok := settingOf(was, now.Key)
		if !ok || !s.change.Touched(now.Line) {
			continue
		}
		if what, why := switchedOff(before, now, true); what != "" {
			l.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: s.change.Path, Line: now.Line, Symbol: now.Name, Message: what, Why: why,
				Fix:      "Keep it on in production, or read it from the environment.",
				Evidence: []string{now.Key, what},
				Related:  []detectors.Related{{Path: s.change.Path, Line: now.Line, Message: "was " + before.Value}},
			})
		}
	}
}

// codeSettings are the levels and rates that code spells out, each once.
func codeSettings(f *source.File) []monitors.Setting {
	var list []monitors.Setting
	add := func(under, name, value string, line int) {
		value = strings.Trim(value[strings.LastIndexAny(value, ".:")+1:], `"'`+"`")
		key := "log.level"
		if n := strings.ToLower(strings.ReplaceAll(name, "_", "")); n != "level" && n != "setlevel" && n != "loglevel" {
			key = n
		}
		list = append(list, monitors.Setting{Key: strings.ReplaceAll(under, ".", " ") + "]" + key, Name: name, Value: value, Line: line})
	}
	for _, c := range f.Calls {
		if n := strings.ToLower(c.Name); (n == "setlevel" || n == "set_level") && len(c.Args) == 1 {
			add(c.Receiver, "setLevel", c.Args[0].Text, c.Span.Line)
		}
		for _, a := range c.Args {
			switch n := strings.ToLower(a.Keyword); {
			case n == "level" && strings.Contains(strings.ToLower(c.Full()), "log"), strings.Contains(n, "sample_rate"):
				v := value(a)
				if strings.Contains(n, "sample_rate") {
					list = append(list, monitors.Setting{Key: c.Full() + "]" + strings.ReplaceAll(n, "_", ""), Name: a.Keyword, Value: v, Line: a.Span.Line})
					continue
				}
				add(c.Full(), a.Keyword, v, a.Span.Line)
			}
		}
	}
	for _, o := range f.Objects {
		for _, k := range o.Keys {
			switch n := strings.ToLower(k.Name); {
			case n == "level" && strings.Contains(strings.ToLower(o.Name+o.Type), "log"), n == "level" && (strings.Contains(o.Name, "pino") || strings.Contains(o.Name, "winston")):
				add(o.Name, k.Name, k.Value, k.Span.Line)
			case strings.HasSuffix(n, "samplerate"):
				list = append(list, monitors.Setting{Key: o.Name + "]" + n, Name: k.Name, Value: k.Value, Line: k.Span.Line})
			}
		}
	}
	return list
}

// probePath is an endpoint that says of itself that it answers probes.
var probePath = lazy.New(`(?i)^/(?:[\w-]+/){0,3}_*(?:health|healthz|healthcheck|health-check|health_check|livez|live|liveness|readyz|ready|readiness|startup|startupz|ping|up|status)/?$`)

// healthOff reports a health endpoint that no code serves any more while a probe still asks it.
func (l *lookup) healthOff(changed []side) {
	now := map[string]bool{}
	for _, s := range changed {
		if s.head != nil {
			for _, t := range s.head.Strings {
				now[strings.TrimSuffix(t.Value, "/")] = true
			}
		}
	}
	for _, s := range changed {
		if s.base == nil {
			continue
		}
		for _, t := range s.base.Strings {
			if !probePath.MatchString(t.Value) || now[strings.TrimSuffix(t.Value, "/")] || s.head != nil && !s.change.Removed(t.Span.Line) {
				continue
			}
			now[t.Value] = true
			l.probed(s, t)
		}
	}
}

// probed looks for the probes that ask an endpoint which is gone.
func (l *lookup) probed(s side, t *source.String) {
	word := strings.Trim(t.Value, "/")
	last := word[strings.LastIndex(word, "/")+1:]
	files := append(l.namingAny(word), l.namingAny(t.Value)...)
	for _, p := range l.naming(last) {
		if f := l.read(p); f != nil && source.LanguageOf(p) != "" && p != s.change.Path && slices.ContainsFunc(f.Strings, func(o *source.String) bool { return strings.HasSuffix(strings.TrimSuffix(o.Value, "/"), last) }) {
			return // another file serves or composes it
		}
	}
	slices.Sort(files)
	for _, p := range slices.Compact(files) {
		if source.LanguageOf(p) != "" || source.IsDoc(p) || source.IsTest(p) {
			continue
		}
		text, err := l.pass.Branch.ReadHead(p)
		if err != nil {
			continue
		}
		if line := probeLine(p, string(text), t.Value); line > 0 {
			l.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: s.change.Path, Line: s.change.NewLine(t.Span.Line), Symbol: t.Value,
				Message:  fmt.Sprintf("the health endpoint %s is gone, and the probe in %s still asks it", t.Value, p),
				Why:      "The probe gets 404: the new version never becomes ready, or is restarted for ever.",
				Fix:      fmt.Sprintf("Keep the endpoint, or change the probe in %s in the same branch.", p),
				Evidence: []string{t.Value, p},
				Related:  []detectors.Related{{Path: p, Line: line, Message: "asks " + t.Value}},
			})
			return
		}
	}
}

// probeContext says that a file or the lines around an address belong to a probe.
var probeContext = lazy.New(`(?i)httpGet|probe|healthcheck|health_check|livenessProbe|readinessProbe|health-check|healthCheckPath`)

func probeLine(p, text, address string) int {
	if ext := strings.ToLower(path.Ext(p)); ext != ".yaml" && ext != ".yml" && ext != ".json" && ext != ".toml" && ext != ".tf" && ext != ".tpl" && !strings.HasPrefix(strings.ToLower(path.Base(p)), "dockerfile") {
		return 0
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		at := strings.Index(line, address)
		if at < 0 || strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		if rest := line[at+len(address):]; rest != "" && !strings.ContainsAny(rest[:1], "\"' ]}?,|/\t\r;)") {
			continue
		}
		if probeContext.MatchString(strings.Join(lines[max(0, i-4):i+1], "\n")) {
			return i + 1
		}
	}
	return 0
}
