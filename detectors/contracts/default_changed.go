package contracts

import (
	"fmt"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// DefaultChanged finds parameters whose default the branch changed while callers that it left alone rely on it.
var DefaultChanged = &detectors.Detector{
	ID:    "contracts/default-changed",
	Title: "A default changed, and callers rely on the old one",
	Run:   runDefaultChanged,
}

func runDefaultChanged(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	ran := false
	for _, r := range resignedFunctions(pass) {
		for i, now := range r.now.Params {
			j := slices.IndexFunc(r.old.Params, func(p source.Param) bool { return p.Name == now.Name })
			if j < 0 || now.Default == "" || r.old.Params[j].Default == "" || tuning.MatchString(now.Name) {
				continue
			}
			old := before.file(oldPathOf(pass, r.file.Path))
			a, b := constantValue(old, r.old.Params[j].Default), constantValue(r.file, now.Default)
			if a == b || !telling(a) || !telling(b) {
				continue
			}
			ran = true
			calls, err := after.callsOf(pass, r)
			if err != nil {
				return err
			}
			calls = slices.DeleteFunc(calls, func(c callSite) bool { return r.gives(c.call, i) })
			if len(calls) == 0 {
				continue
			}
			name := strings.TrimLeft(now.Name, "$&*")
			f := detectors.Finding{
				Severity: detectors.Warning, Path: r.file.Path, Line: r.now.Span.Line, Symbol: name,
				Message:  fmt.Sprintf("the default of %s in %s goes from %s to %s, and %s without it", name, r.now.Name, a, b, callers(len(calls))),
				Why:      "They were not changed and do something else from now on, and so does whoever reads what they write.",
				Fix:      "Pass the new value where it is wanted and keep the default, or give the callers that need the old value that value.",
				Evidence: []string{r.now.Name, name, a, b},
			}
			for _, c := range calls[:min(len(calls), 4)] {
				f.Related = append(f.Related, detectors.Related{Path: c.path, Line: c.call.Span.Line, Message: "relies on the default"})
			}
			pass.Report(f)
		}
	}
	if !ran {
		return detectors.ErrNotApplicable
	}
	return pass.Context.Err()
}

func callers(n int) string {
	if n == 1 {
		return "a caller calls it"
	}
	return fmt.Sprintf("%d callers call it", n)
}

func oldPathOf(pass *detectors.Pass, p string) string {
	if f := pass.Branch.File(p); f != nil {
		return cmpOr(f.OldPath, p)
	}
	return p
}

// tuning are parameters that say how much or how long: another default of those is another setting, not another contract.
var tuning = lazy.New(`(?i)time_?out|retr(?:y|ies)|limit|size|max|min|delay|interval|batch|workers?|port|ttl|top|threshold|capacity|concurren|parallel|verbose|debug|log|depth|width|height|colou?r|indent|page|count|length|padding|margin|title|message|label|text|description|name|prefix|suffix|icon|class|style|theme|seed|cache|model|temperature|attempts|buffer|chunk|duration|age|days|hours|minutes|seconds|\bms\b|version`)

var (
	literalValue = lazy.New(`^(?:"[^"\n]*"|'[^'\n]*'|:[a-z_]\w*|true|false|True|False|-?\d+(?:\.\d+)?|[A-Z]\w*(?:\.|::)[A-Z]\w*)$`)
	constantName = lazy.New(`^[A-Za-z_]\w*$`)
)

// telling says that a default is a value whose meaning can be compared.
func telling(value string) bool { return literalValue.MatchString(value) }

// constantValue is a default's value with one kind of quotes, and the value of the file's own constant where it names one.
func constantValue(f *source.File, text string) string {
	text = strings.TrimSpace(text)
	if f != nil && constantName.MatchString(text) {
		for _, d := range f.Decls {
			if d.Name == text && (d.Kind == source.Const || d.Kind == source.Var || d.Kind == source.Field) && d.Default != "" {
				text = strings.TrimSpace(strings.TrimSuffix(d.Default, ".freeze"))
			}
		}
	}
	if len(text) > 1 && text[0] == '\'' && text[len(text)-1] == '\'' {
		text = `"` + text[1:len(text)-1] + `"`
	}
	return text
}

// gives says that a call passes the parameter at a place: by its name, by its place, or perhaps in what it spreads.
func (r resigned) gives(c *source.Call, at int) bool {
	p := r.now.Params[at]
	name := strings.TrimLeft(p.Name, "$&*")
	if slices.ContainsFunc(c.Args, func(a source.Arg) bool {
		return a.Keyword == name || strings.HasPrefix(a.Text, name+":") || strings.HasPrefix(a.Text, "**")
	}) {
		return true
	}
	n := passedInOrder(c)
	if n < 0 {
		return true
	}
	place := slices.IndexFunc(byPlace(r.now), func(x source.Param) bool { return x.Name == p.Name })
	return place >= 0 && n > place
}
