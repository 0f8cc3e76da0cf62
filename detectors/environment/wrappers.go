package environment

// The repository's own readers of variables, learnt from their definitions.

import (
	"context"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// maxDefinitions bounds the files that are read for wrappers and for how siblings are declared.
const maxDefinitions = 60

// readerFiles are the code files that read the environment at all: the changed ones first, then the others, bounded.
func (l *ledger) readerFiles(ctx context.Context) []string {
	var list []string
	for _, f := range l.pass.Branch.Files {
		if l.layout.all[f.Path] && codeEnding.MatchString(f.Path) && !aside(f.Path) && !f.Generated && !f.Vendored && !f.TooLarge && !f.Binary {
			list = append(list, f.Path)
		}
	}
	naming, err := l.pass.Source.Naming(ctx, "Getenv", "LookupEnv", "getenv", "environ", "process.env", "import.meta.env", "BaseSettings", "cleanEnv", "createEnv", "envconfig", "Deno.env",
		"ENV", "GetEnvironmentVariable", "fetch_env", "get_env")
	if err != nil {
		return list
	}
	var more []string
	for _, paths := range naming {
		for _, p := range paths {
			if fileKindOf(p) == codeFile && !slices.Contains(list, p) {
				more = append(more, p)
			}
		}
	}
	slices.Sort(more)
	more = slices.Compact(more)
	// Files whose names speak of configuration tell most; they come first.
	slices.SortStableFunc(more, func(a, b string) int { return rank(a) - rank(b) })
	return append(list, more[:min(len(more), maxDefinitions)]...)
}

var configName = lazy.New(`(?i)(config|settings|env)[^/]*$`)

func rank(p string) int {
	if configName.MatchString(p) {
		return 0
	}
	return 1
}

var (
	readsParameter = lazy.New(`(?:os\.Getenv|os\.LookupEnv|getenv|environ\.get|Deno\.env\.get)\(\s*(\w+)|(?:process\.env|import\.meta\.env|environ)\[\s*(\w+)\s*\]`)
	fallbackName   = lazy.New(`(?i)def|fall|alt|or$|init|value$|^d$|^v$|^fb$`)
	yesOrNo        = lazy.New(`^(bool|boolean)$`)
)

// wrappersIn finds the functions of a parsed file that read the variable whose name they are given.
func wrappersIn(f *source.File) []wrapper {
	var list []wrapper
	for _, d := range f.Decls {
		if d.Kind != source.Function && d.Kind != source.Method || len(d.Params) == 0 || d.Body.End <= d.Body.Start || d.Body.End > len(f.Text) {
			continue
		}
		body := string(f.Text[d.Body.Start:d.Body.End])
		m := readsParameter.FindStringSubmatch(body)
		if m == nil || len(body) > 2000 {
			continue
		}
		w := wrapper{name: d.Name, key: -1, fallback: -1, required: fails.MatchString(body)}
		for i, p := range d.Params {
			switch {
			case p.Name == m[1]+m[2]:
				w.key = i
			case w.key >= 0 && (fallbackName.MatchString(p.Name) || strings.Contains(body, "return "+p.Name)):
				w.fallback = i
			}
		}
		if len(d.Results) == 1 && yesOrNo.MatchString(d.Results[0]) && len(d.Params) == 1 {
			w.optional = true
		}
		if w.key >= 0 {
			list = append(list, w)
		}
	}
	return list
}

// wrappers are those of all reader files at the head.
func (l *ledger) wrappers(files []string) []wrapper {
	var list []wrapper
	for _, p := range files {
		if !understood(p) {
			continue
		}
		if f, err := l.pass.Source.Head(p); err == nil && f != nil {
			list = append(list, wrappersIn(f)...)
		}
	}
	return list
}

// callers are more files that call the wrappers, so that what is declared of their variables is known as well.
func (l *ledger) callers(ctx context.Context, wrappers []wrapper, known []string) []string {
	var names []string
	for _, w := range wrappers {
		if len(w.name) > 2 && !slices.Contains(names, w.name) {
			names = append(names, w.name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	naming, err := l.pass.Source.Naming(ctx, names...)
	if err != nil {
		return nil
	}
	var list []string
	for _, name := range names {
		for _, p := range naming[name] {
			if fileKindOf(p) == codeFile && !slices.Contains(known, p) && !slices.Contains(list, p) && len(list) < maxDefinitions {
				list = append(list, p)
			}
		}
	}
	return list
}

// constant looks a constant up in the files that name it.
func (l *ledger) constant(ctx context.Context, name string) string {
	naming, err := l.pass.Source.Naming(ctx, name)
	if err != nil {
		return ""
	}
	paths := naming[name]
	for _, p := range paths[:min(len(paths), 20)] {
		if !understood(p) || aside(p) {
			continue
		}
		if f, err := l.pass.Source.Head(p); err == nil && f != nil {
			if v := constantIn(f, name); v != "" {
				return v
			}
		}
	}
	return ""
}
