package options

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Option is one option of a program as its code declares it.
type Option struct {
	// Name has its dashes: "--dry-run". Line counts from 1.
	Name, Path string
	Line       int
}

var (
	goFlagCall = lazy.New(`^(?:Bool|String|Int|Int64|Uint|Uint64|Float64|Duration|StringSlice|StringArray|IntSlice|Count|Text|Func|BoolFunc|StringToString|IP)(?:Var)?P?$|^Var(?:P|PF)?$`)
	goFlagOn   = lazy.New(`(?i)flag|(^|\.)fs$|Flags\(\)`)
	longOption = lazy.New(`(?:^|[\s,|])(--[A-Za-z][\w-]*)`)
	goFlagType = lazy.New(`(?:^|\.)(?:Bool|String|Int|Int64|Uint|Duration|Float64|StringSlice|Path|Timestamp|Generic)Flag$`)
)

// Declared are the options that a source file declares: flag, pflag, cobra and urfave/cli in Go; argparse, click and typer in
// Python; commander, yargs and parseArgs in TypeScript and JavaScript.
func Declared(f *source.File) []Option {
	var list []Option
	add := func(name string, line int) {
		name = "--" + strings.TrimLeft(name, "-")
		if len(name) > 3 && !strings.ContainsAny(name, " \t\n\"'") {
			list = append(list, Option{name, f.Path, line})
		}
	}
	for _, c := range f.Calls {
		switch f.Lang {
		case source.Go:
			if goFlagCall.MatchString(c.Name) && goFlagOn.MatchString(c.Receiver) {
				for _, a := range c.Args {
					if a.IsString {
						add(a.Str, a.Span.Line)
						break
					}
				}
			}
		case source.Python:
			declaredByPython(c, add)
		default:
			if slices.Contains([]string{"option", "requiredOption", "addOption", "Option"}, c.Name) && len(c.Args) > 0 && c.Args[0].IsString {
				if found := longOption.FindAllStringSubmatch(c.Args[0].Str, -1); found != nil {
					for _, m := range found {
						add(m[1], c.Span.Line)
					}
				} else if c.Name == "option" && usesModule(f, "yargs") {
					add(c.Args[0].Str, c.Span.Line)
				}
			}
		}
	}
	for _, d := range f.Decls { // decorators, where the reader does not list them among the calls
		for _, c := range d.Decorators {
			if f.Lang == source.Python && !slices.Contains(f.Calls, c) {
				declaredByPython(c, add)
			}
		}
	}
	for _, o := range f.Objects {
		if f.Lang == source.Go && goFlagType.MatchString(o.Type) {
			if k := keyOf(o, "Name"); k != nil {
				add(strings.Trim(k.Value, "\"`"), k.Span.Line)
			}
			if k := keyOf(o, "Aliases"); k != nil {
				for _, m := range regexp.MustCompile(`"([\w-]{2,})"`).FindAllStringSubmatch(k.Value, -1) {
					add(m[1], k.Span.Line)
				}
			}
		}
		if f.Lang != source.Go && strings.HasSuffix(o.Name, "parseArgs") {
			if k := keyOf(o, "options"); k != nil && k.Child != nil {
				for _, option := range k.Child.Keys {
					add(strings.Trim(option.Name, `"'`), option.Span.Line)
				}
			}
		}
	}
	return list
}

func declaredByPython(c *source.Call, add func(string, int)) {
	if !slices.Contains([]string{"add_argument", "option", "Option"}, c.Name) {
		return
	}
	for _, a := range c.Args {
		if !a.IsString || a.Keyword != "" {
			continue
		}
		for part := range strings.SplitSeq(a.Str, "/") { // click's --shout/--no-shout
			if strings.HasPrefix(strings.TrimSpace(part), "--") {
				add(strings.TrimSpace(part), a.Span.Line)
			}
		}
	}
}

func usesModule(f *source.File, name string) bool {
	return slices.ContainsFunc(f.Imports, func(i *source.Import) bool { return strings.Contains(i.Path, name) })
}

var shellFlag = lazy.New(`(?m)^\s*(?:-\w\s*\|\s*)?((?:--[A-Za-z][\w-]*\s*\|?\s*)+(?:\|\s*-\w\s*)?)\)`)

// declaredByShell are the options that a shell script's case takes.
func declaredByShell(p string, text string) []Option {
	var list []Option
	for _, at := range shellFlag.FindAllStringSubmatchIndex(text, -1) {
		for _, m := range longOption.FindAllStringSubmatch(" "+strings.ReplaceAll(text[at[2]:at[3]], "|", " "), -1) {
			list = append(list, Option{m[1], p, 1 + strings.Count(text[:at[2]], "\n")})
		}
	}
	return list
}

// mayDeclare are the words without which no file declares an option.
var mayDeclare = lazy.New(`[fF]lag|add_argument|[oO]ption[s<(]|parseArgs|#\[(?:arg|clap|structopt)\(|\.long\(|\$signature|OptionParser|@Parameter`)

// In are the options that the file at p declares, nil for a file that declares none. text is its content, parse gives
// it parsed and is asked only where that can matter.
func In(p string, text []byte, parse func() (*source.File, error)) []Option {
	if source.LanguageOf(p) != "" {
		if !mayDeclare.Match(text) {
			return nil
		}
		if list := declaredInText(source.LanguageOf(p), p, string(text)); list != nil {
			return list
		}
		f, err := parse()
		if err != nil {
			return nil // the detector that asks says what could not be read
		}
		return Declared(f)
	}
	if ext := path.Ext(p); (ext == ".sh" || ext == ".bash" || ext == "") && strings.HasPrefix(string(text), "#!") {
		first, _, _ := strings.Cut(string(text), "\n")
		if strings.Contains(first, "ruby") {
			return declaredInText(source.Ruby, p, string(text))
		}
		return declaredByShell(p, string(text))
	}
	return nil
}

// keyOf is an object's key of that name, nil without one.
func keyOf(o *source.Object, name string) *source.Key {
	for i := range o.Keys {
		if o.Keys[i].Name == name {
			return &o.Keys[i]
		}
	}
	return nil
}
