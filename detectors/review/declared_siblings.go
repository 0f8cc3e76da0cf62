package review

// Names that code declares beside each other: values of enumerations and constants, keys of an object, jobs that run by the clock,
// resources of Terraform.

import (
	"path"
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	tree "flightpoll/detectors/source/document"
)

var wireName = lazy.New(`^[A-Za-z0-9]+(?:[_.:/-][A-Za-z0-9]+)+$`)

// enumNames are the values of enumerations, by the texts that they stand for where they have them, and constants that are names of
// their own.
func enumNames(p string, _ []byte, parse func() (*source.File, error)) []givenName {
	if source.LanguageOf(p) == "" {
		return nil
	}
	f, err := parse()
	if err != nil {
		return nil
	}
	var list []givenName
	for _, d := range f.Decls {
		text := strings.Trim(d.Default, "\"'`")
		given := text != d.Default && text != "" && !strings.ContainsAny(text, " \t\n")
		switch {
		case d.Kind == source.EnumValue && d.Parent != nil:
			name := d.Name
			if given {
				name = text
			} else if d.Wire != "" && d.Wire != "-" {
				name = d.Wire
			}
			if len(name) >= 4 {
				list = append(list, givenName{name: name, line: d.Span.Line, in: d.Parent.Name})
			}
		case d.Kind == source.Const && d.Exported && given && wireName.MatchString(text):
			list = append(list, givenName{name: text, line: d.Span.Line, in: "constants"})
		}
	}
	return list
}

// objectNames are the keys of objects that a file declares at its top, each object for itself.
func objectNames(p string, _ []byte, parse func() (*source.File, error)) []givenName {
	if source.LanguageOf(p) == "" || strings.HasSuffix(p, "x") {
		return nil
	}
	f, err := parse()
	if err != nil {
		return nil
	}
	var list []givenName
	for _, o := range f.Objects {
		if o.In != nil || o.Name == "" || len(o.Keys) < fewestPaged {
			continue
		}
		for _, k := range o.Keys {
			if name := strings.Trim(k.Name, "\"'`:"); len(name) >= 4 {
				list = append(list, givenName{name: name, line: k.Span.Line, in: o.Name})
			}
		}
	}
	return list
}

var (
	byClock     = lazy.New(`(?i)sched|cron|periodic|recurring|repeat|ticker|every|daily|hourly|weekly`)
	clockMark   = lazy.New(`^(?:Scheduled|Cron|Schedule|PeriodicTask|periodic_task|scheduled_job|AsCronTask|AsPeriodicTask|TimerTrigger|Interval|RecurringJob|crontab|cron|repeat_every|shared_cron)$`)
	clockCall   = lazy.New(`^(?:AddFunc|AddJob|add_job|addJob|schedule|cron|command|job|call|rake|runner|add|register|AddOrUpdate|NewJob|every|exec|scheduleJob|create)$`)
	clockText   = lazy.New(`^[@*\d]|\s|\*`)
	jobWord     = lazy.New(`^[A-Za-z][\w:.-]{4,}$`)
	crontabLine = lazy.New(`^\s*(?:[\d*/,-]+\s+){4}[\w*/,-]+\s+(?:[a-z_][\w-]*\s+)?(\S*/)?([\w-]+)(?:\.\w+)?(?:\s|$)`)
)

// jobNames are what a file has run by the clock: decorated functions, calls of a scheduler, lines of a crontab.
func jobNames(p string, text []byte, parse func() (*source.File, error)) []givenName {
	var list []givenName
	add := func(name string, line int) {
		if jobWord.MatchString(name) {
			list = append(list, givenName{name: name, line: line})
		}
	}
	if base := strings.ToLower(path.Base(p)); strings.Contains(base, "crontab") || strings.HasSuffix(base, ".cron") || strings.Contains(p, "cron.d/") {
		for i, line := range strings.Split(string(text), "\n") {
			if m := crontabLine.FindStringSubmatch(line); m != nil {
				add(m[2], i+1)
			}
		}
		return list
	}
	if source.LanguageOf(p) == "" || !byClock.Match(text) {
		return nil
	}
	f, err := parse()
	if err != nil {
		return nil
	}
	for _, d := range f.Decls {
		for _, c := range d.Decorators {
			if clockMark.MatchString(c.Name) {
				add(d.Name, d.Span.Line)
			}
		}
	}
	for _, c := range f.Calls {
		if !clockCall.MatchString(c.Name) || len(c.Args) == 0 {
			continue
		}
		whole := c.Receiver + " " + c.Name
		for _, a := range c.Args {
			whole += " " + a.Text
		}
		if !byClock.MatchString(whole) && !byClock.MatchString(path.Base(p)) {
			continue
		}
		add(jobOf(c), c.Span.Line)
	}
	return list
}

var lastIdentifier = regexp.MustCompile(`^&?(?:new\s+)?(?:[\w.]+(?:\.|::|->))?([A-Za-z_]\w*)(?:\(\)|\{\}|::class|\.class)?$`)

// jobOf is the name that a call gives to the job: a text that is no time, else the function that it hands over.
func jobOf(c *source.Call) string {
	for _, a := range c.Args {
		if a.IsString && !clockText.MatchString(a.Str) {
			return a.Str
		}
	}
	for i := len(c.Args) - 1; i >= 0; i-- {
		if m := lastIdentifier.FindStringSubmatch(c.Args[i].Text); m != nil && !c.Args[i].IsString {
			return m[1]
		}
	}
	return ""
}

// resourceNames are the resources and modules of a file of Terraform, by their types.
func resourceNames(p string, text []byte, _ func() (*source.File, error)) []givenName {
	if path.Ext(p) != ".tf" {
		return nil
	}
	root, err := tree.HCL(p, text)
	if err != nil {
		return nil
	}
	var list []givenName
	for _, kind := range root.Get("resource").Entries() {
		for _, r := range kind.Value.Entries() {
			list = append(list, givenName{name: r.Key, line: r.Line, in: kind.Key})
		}
	}
	for _, m := range root.Get("module").Entries() {
		list = append(list, givenName{name: m.Key, line: m.Line, in: "module"})
	}
	return list
}
