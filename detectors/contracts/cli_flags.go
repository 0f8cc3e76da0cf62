package contracts

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/source"
)

// A cliFlag is one option of a program as its code declares it: "--dry-run".
type cliFlag struct {
	name string
	path string
	line int
}

var (
	goFlagCall = regexp.MustCompile(`^(?:Bool|String|Int|Int64|Uint|Uint64|Float64|Duration|StringSlice|StringArray|IntSlice|Count|Text|Func|BoolFunc|StringToString|IP)(?:Var)?P?$|^Var(?:P|PF)?$`)
	goFlagOn   = regexp.MustCompile(`(?i)flag|(^|\.)fs$|Flags\(\)`)
	longOption = regexp.MustCompile(`(?:^|[\s,|])(--[A-Za-z][\w-]*)`)
	goFlagType = regexp.MustCompile(`(?:^|\.)(?:Bool|String|Int|Int64|Uint|Duration|Float64|StringSlice|Path|Timestamp|Generic)Flag$`)
)

// cliFlags are the options that a source file declares: flag, pflag, cobra and urfave/cli in Go; argparse, click and typer in
// Python; commander, yargs and parseArgs in TypeScript and JavaScript.
func cliFlags(f *source.File) []cliFlag {
	var list []cliFlag
	add := func(name string, line int) {
		name = "--" + strings.TrimLeft(name, "-")
		if len(name) > 3 && !strings.ContainsAny(name, " \t\n\"'") {
			list = append(list, cliFlag{name, f.Path, line})
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
			pythonFlags(c, add)
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
				pythonFlags(c, add)
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

func pythonFlags(c *source.Call, add func(string, int)) {
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

var shellFlag = regexp.MustCompile(`(?m)^\s*(?:-\w\s*\|\s*)?((?:--[A-Za-z][\w-]*\s*\|?\s*)+(?:\|\s*-\w\s*)?)\)`)

// shellFlags are the options that a shell script's case takes.
func shellFlags(p string, text string) []cliFlag {
	var list []cliFlag
	for _, at := range shellFlag.FindAllStringSubmatchIndex(text, -1) {
		for _, m := range longOption.FindAllStringSubmatch(" "+strings.ReplaceAll(text[at[2]:at[3]], "|", " "), -1) {
			list = append(list, cliFlag{m[1], p, 1 + strings.Count(text[:at[2]], "\n")})
		}
	}
	return list
}

var (
	scriptName = regexp.MustCompile(`(?m)^\s*"?([\w-]+)"?\s*=\s*"[\w.]+:[\w.]+"`)
	binName    = regexp.MustCompile(`"bin"\s*:\s*(?:"[^"]*"|\{([^}]*)\})`)
	packName   = regexp.MustCompile(`"name"\s*:\s*"(?:@[^/"]+/)?([\w.-]+)"`)
	keyName    = regexp.MustCompile(`"([\w.-]+)"\s*:`)
	plainNames = []string{"main", "cli", "cmd", "app", "src", "index", "args", "flags", "options", "root", "bin", "lib", "internal", "pkg", "command", "commands", "__main__", "config", "."}
)

// programs are the names by which a file's program is called: what the manifests around it install, its folder, itself.
func programs(at side, p string) []string {
	var names []string
	base := strings.TrimSuffix(path.Base(p), path.Ext(p))
	names = append(names, base, path.Base(p))
	for dir := path.Dir(p); ; dir = path.Dir(dir) {
		names = append(names, path.Base(dir))
		for _, manifest := range []string{"pyproject.toml", "setup.cfg", "setup.py", "package.json", "go.mod"} {
			text, err := at.text(path.Join(dir, manifest))
			if err != nil {
				continue
			}
			switch manifest {
			case "package.json":
				if m := binName.FindSubmatch(text); m != nil {
					for _, k := range keyName.FindAllSubmatch(m[1], -1) {
						names = append(names, string(k[1]))
					}
				}
				if m := packName.FindSubmatch(text); m != nil {
					names = append(names, string(m[1]))
				}
			case "go.mod":
				if m := moduleLine.FindSubmatch(text); m != nil {
					names = append(names, path.Base(string(m[1])))
				}
			default:
				for _, m := range scriptName.FindAllSubmatch(text, -1) {
					names = append(names, string(m[1]))
				}
			}
		}
		if dir == "." || dir == "/" {
			break
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return len(n) < 2 || slices.Contains(plainNames, n) })
}
