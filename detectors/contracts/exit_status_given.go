package contracts

// The exit statuses that a program ends with: calls of exit, constants that are called so, what main returns.

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// exit is one status, with the constant's name if it has one.
type exit struct {
	code, line int
	name       string
}

var (
	shellFile  = lazy.New(`(?i)\.(?:sh|bash|zsh|ksh)$`)
	shellExit  = lazy.New(`(?m)^[^#\n]*?(?:^|[;&|{(\s])exit\s+(\d{1,3})\b`)
	exitCalls  = []string{"exit", "exit!", "_exit", "Exit", "exitProcess", "SystemExit", "exitWith", "halt"}
	exitCode   = lazy.New(`\bexitCode\s*=\s*(\d{1,3})\b|\bExitCode::from\(\s*(\d{1,3})`)
	exitWord   = lazy.New(`(?i)exit`)
	exitsFrom  = lazy.New(`(?i)(?:exit|exitProcess|SystemExit)\(\s*(?:await\s+)?(?:\w+\.)?(\w+)\(`)
	returnRow  = lazy.New(`\breturn\b[^;\n]*`)
	chosenCode = lazy.New(`(?:^|\breturn|[?:]|\belse)\s*(\d{1,3})(?:$|[^\w.])`) // of exit(ok ? 0 : 3), return 0 if ok else 3
)

// exitsIn are the statuses of a source file or a shell script.
func exitsIn(at side, p string) []exit {
	text, err := at.text(p)
	if err != nil || len(text) > branch.MaxFile {
		return nil
	}
	var list []exit
	if source.LanguageOf(p) == "" {
		if !shellFile.MatchString(p) && (path.Ext(p) != "" || !strings.HasPrefix(string(text), "#!")) {
			return nil
		}
		for _, m := range shellExit.FindAllSubmatchIndex(text, 200) {
			list = append(list, exitOf(string(text[m[2]:m[3]]), 1+strings.Count(string(text[:m[2]]), "\n"), ""))
		}
		return list
	}
	if !exitWord.Match(text) && !strings.Contains(string(text), "main(") && !strings.Contains(string(text), "Main(") {
		return nil
	}
	f := at.file(p)
	if f == nil {
		return nil
	}
	for _, c := range f.Calls {
		if !slices.Contains(exitCalls, c.Name) || c.Decorates {
			continue
		}
		for i, a := range c.Args {
			if i == 0 || a.Keyword == "code" || i == len(c.Args)-1 {
				for _, m := range chosenCode.FindAllStringSubmatch(a.Text, 5) {
					list = append(list, exitOf(m[1], c.Span.Line, ""))
				}
			}
		}
	}
	given := map[string]bool{}
	for _, m := range exitsFrom.FindAllSubmatch(f.Text, 20) {
		given[string(m[1])] = true
	}
	for _, d := range f.Decls {
		owner := ""
		if d.Parent != nil {
			owner = d.Parent.Name
		}
		switch d.Kind {
		case source.Const, source.Var, source.EnumValue, source.Field:
			if exitWord.MatchString(d.Name) || exitWord.MatchString(owner) {
				list = append(list, exitOf(d.Default, d.Span.Line, d.Name))
			}
		case source.Function, source.Method:
			if endsProgram(f, d, given) {
				body := string(f.Text[d.Body.Start:min(d.Body.End, len(f.Text))])
				for _, row := range returnRow.FindAllStringIndex(body, 100) {
					for _, m := range chosenCode.FindAllStringSubmatch(body[row[0]:row[1]], 5) {
						list = append(list, exitOf(m[1], d.Body.Line+strings.Count(body[:row[0]], "\n"), ""))
					}
				}
			}
		default:
		}
	}
	for _, o := range f.Objects {
		for _, k := range o.Keys {
			if o.In == nil && exitWord.MatchString(o.Name) {
				list = append(list, exitOf(k.Value, k.Span.Line, rowKey(k)))
			}
		}
	}
	for _, m := range exitCode.FindAllSubmatchIndex(f.Text, 50) {
		from := max(m[2], m[4])
		list = append(list, exitOf(string(f.Text[from:max(m[3], m[5])]), 1+strings.Count(string(f.Text[:from]), "\n"), ""))
	}
	return slices.DeleteFunc(list, func(e exit) bool { return e.code < 0 })
}

func exitOf(text string, line int, name string) exit {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n > 255 {
		n = -1
	}
	return exit{n, line, name}
}

// endsProgram says that what a function returns is the program's status: main, what is called inside exit(), a command of
// picocli or Symfony. given are the functions that are called inside exit() in the file.
func endsProgram(f *source.File, d *source.Decl, given map[string]bool) bool {
	if d.Body.End <= d.Body.Start || d.Body.End > len(f.Text) {
		return false
	}
	if d.Name == "Main" || d.Name == "main" && f.Lang != source.Go {
		return true
	}
	if d.Parent != nil && (d.Name == "call" && slices.Contains(d.Parent.Bases, "Callable<Integer>") || d.Name == "execute" && f.Lang == source.PHP && slices.Contains(d.Parent.Bases, "Command")) {
		return true
	}
	return given[d.Name]
}
