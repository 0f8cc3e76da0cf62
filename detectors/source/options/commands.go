package options

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Command is one command that a program takes by its name, as its code declares it.
type Command struct {
	// Name is what a caller types: "snapshot", "invoices:send". Line counts from 1.
	Name, Path string
	Line       int
	// Runner is the program that every command of its kind is called with: "artisan", "rake", "manage.py", "make"; empty for
	// a program of its own.
	Runner string
}

var (
	commandName  = lazy.New(`^[A-Za-z][\w:.-]*$`)
	mayCommand   = lazy.New(`[cC]ommand|add_parser|\$signature|\bThor\b|\[Verb\(|\btask\b|CliktCommand|cli\.App`)
	artisanName  = lazy.New(`\$signature\s*=\s*['"]\s*([\w:.-]+)`)
	symfonyName  = lazy.New(`AsCommand\(\s*(?:name:\s*)?['"]([\w:.-]+)['"]|\$defaultName\s*=\s*['"]([\w:.-]+)['"]|->setName\(\s*['"]([\w:.-]+)['"]`)
	dotnetName   = lazy.New(`\bnew\s+Command\(\s*(?:name:\s*)?"([\w-]+)"|\.AddCommand<[^>]*>\(\s*"([\w-]+)"|\[Verb\(\s*"([\w-]+)"`)
	jvmName      = lazy.New(`@(?:CommandLine\.)?Command\([^)]*?\bname\s*=\s*"([\w-]+)"|\bCliktCommand\([^)]*?\bname\s*=\s*"([\w-]+)"|@ShellMethod\([^)]*?\bkey\s*=\s*"([\w -]+)"`)
	clapBuilder  = lazy.New(`\b(?:Command::new|SubCommand::with_name)\(\s*"([\w-]+)"`)
	rakeTask     = lazy.New(`^\s*task\s*\(?\s*(?:[:"'](\w+)['"]?|(\w+):)`)
	rakeSpace    = lazy.New(`^\s*namespace\s*\(?\s*[:"'](\w+)`)
	thorDesc     = lazy.New(`(?m)^\s*desc\s*\(?\s*["']([a-z][\w-]*)`)
	makeTarget   = lazy.New(`^([A-Za-z][\w.-]*)\s*:(?:[^=]|$)`)
	djangoModule = lazy.New(`(^|/)management/commands/([a-z]\w*)\.py$`)
	clickSuffix  = lazy.New(`_(?:command|cmd|group|grp)$`)
)

// Commands are the commands that the file at p declares: cobra and urfave/cli in Go; click, typer, argparse and Django's
// management commands in Python; commander, yargs and cac in TypeScript and JavaScript; clap in Rust; Artisan and Symfony's
// console in PHP; rake and Thor in Ruby; System.CommandLine in C#; picocli and Clikt on the JVM; targets of a Makefile.
func Commands(p string, text []byte, parse func() (*source.File, error)) []Command {
	var list []Command
	add := func(runner string) func(string, int) {
		return func(name string, line int) {
			if len(name) > 2 && commandName.MatchString(name) {
				list = append(list, Command{name, p, line, runner})
			}
		}
	}
	base := path.Base(p)
	switch {
	case strings.HasPrefix(base, "Makefile") || strings.HasSuffix(base, ".mk"):
		for i, row := range strings.Split(string(text), "\n") {
			if m := makeTarget.FindStringSubmatch(row); m != nil && !strings.HasPrefix(m[1], "PHONY") {
				add("make")(m[1], i+1)
			}
		}
		return list
	case strings.HasSuffix(base, ".rake") || base == "Rakefile":
		rakeTasks(string(text), add("rake"))
		return list
	}
	if m := djangoModule.FindStringSubmatch(p); m != nil {
		add("manage.py")(m[2], 1)
		return list
	}
	if !mayCommand.Match(text) {
		return nil
	}
	byText := func(re *lazy.Regexp, put func(string, int)) {
		for _, m := range re.FindAllSubmatchIndex(text, 200) {
			for g := 2; g < len(m); g += 2 {
				if m[g] >= 0 {
					put(string(text[m[g]:m[g+1]]), 1+strings.Count(string(text[:m[g]]), "\n"))
				}
			}
		}
	}
	switch source.LanguageOf(p) {
	case source.PHP:
		byText(artisanName, add("artisan"))
		byText(symfonyName, add("console"))
	case source.CSharp:
		byText(dotnetName, add(""))
	case source.Java, source.Kotlin:
		byText(jvmName, add(""))
	case source.Rust:
		clapCommands(string(text), add(""))
		byText(clapBuilder, add(""))
	case source.Ruby:
		if strings.Contains(string(text), "< Thor") {
			byText(thorDesc, add(""))
		}
	case source.Go, source.Python, source.TypeScript, source.JavaScript:
		if f, err := parse(); err == nil { // the detector that asks says what could not be read
			declaredCommands(f, add(""))
		}
	}
	return list
}

// rakeTasks reads a file's tasks with the namespaces that they stand in, by the indentation of both.
func rakeTasks(text string, add func(string, int)) {
	type space struct {
		name   string
		indent int
	}
	var open []space
	for i, row := range strings.Split(text, "\n") {
		indent := len(row) - len(strings.TrimLeft(row, " \t"))
		if strings.TrimSpace(row) == "end" {
			for len(open) > 0 && open[len(open)-1].indent >= indent {
				open = open[:len(open)-1]
			}
		}
		if m := rakeSpace.FindStringSubmatch(row); m != nil {
			open = append(open, space{m[1], indent})
		}
		if m := rakeTask.FindStringSubmatch(row); m != nil {
			name := ""
			for _, s := range open {
				name += s.name + ":"
			}
			add(name+m[1]+m[2], i+1)
		}
	}
}

func declaredCommands(f *source.File, add func(string, int)) {
	first := func(text string) string {
		word, _, _ := strings.Cut(strings.Trim(strings.TrimSpace(text), "\"'`"), " ")
		return word
	}
	switch f.Lang {
	case source.Go:
		urfave := usesModule(f, "urfave/cli")
		for _, o := range f.Objects {
			if strings.HasSuffix(o.Type, "cobra.Command") {
				if k := keyOf(o, "Use"); k != nil {
					add(first(k.Value), k.Span.Line)
				}
			} else if k := keyOf(o, "Name"); urfave && k != nil && (keyOf(o, "Action") != nil || keyOf(o, "Subcommands") != nil || strings.HasSuffix(o.Type, "cli.Command")) && !strings.HasSuffix(o.Type, "cli.App") {
				add(first(k.Value), k.Span.Line)
			} else {
				continue
			}
			if k := keyOf(o, "Aliases"); k != nil {
				for _, m := range regexp.MustCompile(`"([\w-]+)"`).FindAllStringSubmatch(k.Value, -1) {
					add(m[1], k.Span.Line)
				}
			}
		}
	case source.Python:
		clicks := usesModule(f, "click") || usesModule(f, "typer")
		for _, c := range f.Calls {
			if c.Name == "add_parser" && len(c.Args) > 0 && c.Args[0].IsString {
				add(c.Args[0].Str, c.Args[0].Span.Line)
			}
		}
		for _, d := range f.Decls {
			for _, c := range d.Decorators {
				if !clicks || c.Name != "command" && c.Name != "group" || c.Receiver == "" || c.Receiver == "click" {
					continue
				}
				name := strings.ReplaceAll(strings.ToLower(clickSuffix.ReplaceAllString(d.Name, "")), "_", "-")
				for i, a := range c.Args {
					if a.IsString && (i == 0 && a.Keyword == "" || a.Keyword == "name") {
						name = a.Str
					}
				}
				add(name, d.Span.Line)
			}
		}
	default:
		if !usesModule(f, "commander") && !usesModule(f, "yargs") && !usesModule(f, "cac") && !strings.Contains(string(f.Text), `require("commander")`) &&
			!regexp.MustCompile(`require\(['"](?:commander|yargs(?:/yargs)?|cac)['"]\)`).Match(f.Text) {
			return
		}
		for _, c := range f.Calls {
			if (c.Name == "command" || c.Name == "Command" || c.Name == "alias") && len(c.Args) > 0 && c.Args[0].IsString {
				add(first(c.Args[0].Str), c.Args[0].Span.Line)
			}
		}
		for _, o := range f.Objects {
			if k := keyOf(o, "command"); k != nil && keyOf(o, "handler") != nil {
				add(first(k.Value), k.Span.Line)
			}
		}
	}
}

var (
	clapEnum    = lazy.New(`#\[derive\([^\]]*\b(?:Subcommand|Subcommands)\b[^\]]*\)\]`)
	clapCase    = lazy.New(`rename_all\s*=\s*"([\w-]+)"`)
	clapNamed   = lazy.New(`#\[(?:command|clap|structopt)\([^\]]*\bname\s*=\s*"([\w-]+)"`)
	clapAlias   = lazy.New(`\balias(?:es)?\s*=\s*(\[?(?:\s*"[\w-]+",?)+)`)
	clapVariant = lazy.New(`^\s*([A-Z]\w*)\s*(?:[,({]|$)`)
	quotedWord  = lazy.New(`"([\w-]+)"`)
)

// clapCommands reads the variants of the enums that derive clap's Subcommand; clap spells them in kebab-case
// (docs.rs/clap/latest/clap/_derive).
func clapCommands(text string, add func(string, int)) {
	for _, at := range clapEnum.FindAllStringIndex(text, 50) {
		head := strings.IndexByte(text[at[1]:], '{')
		if head < 0 {
			continue
		}
		spell := kebab
		if m := clapCase.FindStringSubmatch(text[at[1] : at[1]+head]); m != nil && strings.HasPrefix(m[1], "snake") {
			spell = func(s string) string { return strings.ReplaceAll(kebab(s), "-", "_") }
		} else if m != nil && (m[1] == "lowercase" || m[1] == "lower") {
			spell = strings.ToLower
		}
		start, depth, attributes := at[1]+head+1, 0, ""
		line := 1 + strings.Count(text[:start], "\n")
		for row := range strings.Lines(text[start:]) {
			row = strings.TrimRight(row, "\r\n")
			if i := strings.Index(row, "//"); i >= 0 {
				row = row[:i]
			}
			trimmed := strings.TrimSpace(row)
			if depth == 0 && strings.HasPrefix(trimmed, "#[") {
				attributes += trimmed
				if i := strings.LastIndex(trimmed, "]"); i >= 0 {
					row = trimmed[i+1:]
				}
			}
			if m := clapVariant.FindStringSubmatch(row); depth == 0 && m != nil {
				if n := clapNamed.FindStringSubmatch(attributes); n != nil {
					add(n[1], line)
				} else {
					add(spell(m[1]), line)
				}
				for _, a := range clapAlias.FindAllStringSubmatch(attributes, 5) {
					for _, w := range quotedWord.FindAllStringSubmatch(a[1], 10) {
						add(w[1], line)
					}
				}
				attributes = ""
			}
			depth += strings.Count(row, "{") + strings.Count(row, "(") - strings.Count(row, "}") - strings.Count(row, ")")
			if depth < 0 {
				break
			}
			line++
		}
	}
}

var humps = lazy.New(`[A-Z]+[a-z0-9]*|[a-z0-9]+`)

// kebab spells a CamelCase or snake_case name with dashes.
func kebab(name string) string {
	return strings.ToLower(strings.Join(humps.FindAllString(name, -1), "-"))
}

// RemovedCommand is a command that the branch took away, with the one that took its place where that is plain.
type RemovedCommand struct {
	Command
	To string
}

// PairCommands are the commands of one file's old side that are gone, each with the one that stands where it stood.
func PairCommands(old, now []Command) []RemovedCommand {
	has := func(list []Command, name string) bool {
		return slices.ContainsFunc(list, func(c Command) bool { return c.Name == name })
	}
	var gone []RemovedCommand
	var added []Command
	for _, c := range old {
		if !has(now, c.Name) && !slices.ContainsFunc(gone, func(g RemovedCommand) bool { return g.Name == c.Name }) {
			gone = append(gone, RemovedCommand{Command: c})
		}
	}
	for _, c := range now {
		if !has(old, c.Name) {
			added = append(added, c)
		}
	}
	if len(gone) == len(added) {
		for i := range gone {
			gone[i].To = added[i].Name
		}
	}
	return gone
}
