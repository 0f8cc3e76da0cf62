package environment

// The files that read the environment, the helpers of the repository, and what other files say of constants and types.

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/references"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Reference is one read of a variable or of a configuration key.
type Reference = references.Reference

var variableName = lazy.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

var upperName = lazy.New(`^[A-Z][A-Z0-9_]+$`)

// maxDefinitions bounds the files that are read for helpers and for how siblings are declared.
const maxDefinitions = 60

// readWords are identifiers that stand where an environment is read.
var readWords = []string{
	"Getenv", "LookupEnv", "getenv", "environ", "process.env", "import.meta.env", "BaseSettings", "cleanEnv", "createEnv", "envconfig", "Deno.env", "ENV",
	"GetEnvironmentVariable", "fetch_env", "get_env", "viper", "koanf", "ConfigurationProperties", "_ENV", "option_env", "ConfigService", "AddOptions", "GetSection", "BindConfiguration", "ProcessEnv",
}

// readerFiles are the code files that read the environment at all: the changed ones first, then the others, bounded.
func (l *ledger) readerFiles(ctx context.Context) []string {
	var list []string
	for _, f := range l.pass.Branch.Files {
		if l.layout.all[f.Path] && (isCode(f.Path) || l.reads(f.Path)) && !aside(f.Path) && !f.Generated && !f.Vendored && !f.TooLarge && !f.Binary {
			list = append(list, f.Path)
		}
	}
	for p := range l.layout.all {
		if references.Placeholders(p) && l.pass.Branch.File(p) == nil && !aside(p) && len(list) < 4*maxDefinitions {
			list = append(list, p)
		}
	}
	naming, err := l.pass.Source.Naming(ctx, readWords...)
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

// isCode says whether a path holds code that may read the environment: source, and the scripts that run the product.
func isCode(p string) bool { return codeEnding.MatchString(p) || references.Reads(p) }

var configName = lazy.New(`(?i)(config|settings|env)[^/]*$`)

func rank(p string) int {
	if configName.MatchString(p) {
		return 0
	}
	return 1
}

// helpers are the functions of the reader files that read the variable which they are given.
func (l *ledger) helpers(ctx context.Context, paths []string) []references.Helper {
	var files []*source.File
	for _, p := range paths {
		if !references.Parsed(p) || ctx.Err() != nil {
			continue
		}
		if f, err := l.pass.Source.Head(p); err == nil && f != nil {
			files = append(files, f)
		}
	}
	return references.Learn(files, func(name string) string { return l.constant(ctx, name) })
}

// callers are more files that call the helpers, so that what is declared of their variables is known as well.
func (l *ledger) callers(ctx context.Context, helpers []references.Helper, known []string) []string {
	var names []string
	for _, h := range helpers {
		if len(h.Name) > 2 && !slices.Contains(names, h.Name) {
			names = append(names, h.Name)
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

// definitions are the constants and types of other files, each looked up once.
type definitions struct {
	sync.Mutex
	constants map[string]string
}

// maxNaming bounds the files in which one constant or type is looked for.
const maxNaming = 20

// constant looks a constant up in the files that name it.
func (l *ledger) constant(ctx context.Context, name string) string {
	if len(name) < 2 {
		return ""
	}
	l.definitions.Lock()
	defer l.definitions.Unlock()
	if v, ok := l.definitions.constants[name]; ok {
		return v
	}
	found := ""
	l.naming(ctx, name, func(f *source.File) bool {
		found = references.ConstantIn(f, name)
		return found != ""
	})
	if l.definitions.constants == nil {
		l.definitions.constants = map[string]string{}
	}
	l.definitions.constants[name] = found
	return found
}

// typeNamed looks the declaration of a class up in the files that name it.
func (l *ledger) typeNamed(ctx context.Context, name string) (file *source.File, class *source.Decl) {
	l.naming(ctx, name, func(f *source.File) bool {
		for _, d := range f.Decls {
			if d.Name == name && (d.Kind == source.Class || d.Kind == source.Struct) {
				file, class = f, d
			}
		}
		return class != nil
	})
	return file, class
}

// typeBefore is the declaration of a class as the base had it.
func (l *ledger) typeBefore(name string) (file *source.File, class *source.Decl) {
	within := func(f *source.File) bool {
		for _, d := range f.Decls {
			if d.Name == name && (d.Kind == source.Class || d.Kind == source.Struct) {
				file, class = f, d
			}
		}
		return class != nil
	}
	for _, f := range l.pass.Branch.Files {
		p := cmp.Or(f.OldPath, f.Path)
		if f.Status == branch.Added || f.TooLarge || f.Binary || !references.Parsed(p) || aside(p) {
			continue
		}
		if old, err := l.pass.Source.Base(p); err == nil && old != nil && within(old) {
			return file, class
		}
	}
	l.naming(l.pass.Context, name, within)
	return file, class
}

// naming reads the parsed files that name a word until one is enough.
func (l *ledger) naming(ctx context.Context, word string, enough func(*source.File) bool) {
	naming, err := l.pass.Source.Naming(ctx, word)
	if err != nil {
		return
	}
	paths := naming[word]
	for _, p := range paths[:min(len(paths), maxNaming)] {
		if !references.Parsed(p) || aside(p) {
			continue
		}
		if f, err := l.pass.Source.Head(p); err == nil && f != nil && enough(f) {
			return
		}
	}
}
