package review

import (
	"slices"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// variable is one read of an environment variable by its own name.
type variable struct {
	name, path string
	line       int
}

var (
	readsEnvironment = lazy.New(`Getenv|LookupEnv|\benv\b|environ|getenv`)
	variableName     = lazy.New(`^[A-Z][A-Z0-9_]{3,}$`)
	environment      = lazy.New(`^(?:process\.env|import\.meta\.env|(?:os\.)?environ)$`)
)

// variablesIn are the environment variables that a source file reads by name.
func variablesIn(p string, text []byte, parse func(string) (*source.File, error)) []variable {
	if source.LanguageOf(p) == "" || !readsEnvironment.Match(text) {
		return nil
	}
	f, err := parse(p)
	if err != nil {
		return nil // environment/undeclared-variable says what could not be read
	}
	var list []variable
	add := func(name string, line int) {
		if variableName.MatchString(name) {
			list = append(list, variable{name, p, line})
		}
	}
	for _, c := range f.Calls {
		switch c.Full() {
		case "os.Getenv", "os.LookupEnv", "os.getenv", "getenv", "os.environ.get", "environ.get":
			if len(c.Args) > 0 && c.Args[0].IsString {
				add(c.Args[0].Str, c.Span.Line)
			}
		}
	}
	for _, a := range f.Accesses {
		if environment.MatchString(a.Receiver) && !a.Write {
			add(a.Name, a.Span.Line)
		}
	}
	return list
}

// removedVariables are read by changed product code at the base and by none of it now, each once.
func removedVariables(pass *detectors.Pass) ([]variable, error) {
	var old, now []variable
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || source.IsTest(f.Path) || source.IsDoc(f.Path) || source.IsExample(f.Path) {
			continue
		}
		before, err := f.Before()
		if err != nil {
			return nil, err
		}
		after, err := f.After()
		if err != nil {
			return nil, err
		}
		was := f.OldPath
		if was == "" {
			was = f.Path
		}
		if f.Status != branch.Added {
			for _, v := range variablesIn(was, before, pass.Source.Base) {
				v.path = f.Path
				old = append(old, v)
			}
		}
		if f.Status != branch.Deleted {
			now = append(now, variablesIn(f.Path, after, pass.Source.Head)...)
		}
	}
	var list []variable
	for _, v := range old {
		same := func(o variable) bool { return o.name == v.name }
		if !slices.ContainsFunc(now, same) && !slices.ContainsFunc(list, same) {
			list = append(list, v)
		}
	}
	return list, nil
}
