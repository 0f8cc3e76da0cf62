package review

// Subcommands of the product's own program, and those that the branch took away.

import (
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/options"
)

// removedSubcommands are commands of the product's own program that changed code declared at the base and no file does now.
func removedSubcommands(pass *detectors.Pass) ([]command, error) {
	var gone []command
	now := map[string]bool{}
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || source.IsTest(f.Path) || source.IsExample(f.Path) || source.LanguageOf(f.Path) == "" {
			continue
		}
		if f.Status != branch.Deleted {
			if file, err := pass.Source.Head(f.Path); err == nil {
				for name := range subcommands(file) {
					now[name] = true
				}
			}
		}
		if f.Status == branch.Added {
			continue
		}
		old := f.Path
		if f.OldPath != "" {
			old = f.OldPath
		}
		file, err := pass.Source.Base(old)
		if err != nil {
			continue
		}
		for name, line := range subcommands(file) {
			c := command{kind: "command", name: name, path: f.Path}
			if f.Status != branch.Deleted {
				c.line = max(1, f.NewLine(line))
			}
			gone = append(gone, c)
		}
	}
	var list []command
	for _, c := range gone {
		if now[c.name] || len(c.name) < 3 {
			continue
		}
		declared, err := declaredElsewhere(pass, c.name)
		if err != nil {
			return nil, err
		}
		programs := options.Programs(pass.Branch.ReadHead, c.path)
		if declared || len(programs) == 0 {
			continue
		}
		for i, p := range programs {
			programs[i] = regexp.QuoteMeta(p)
		}
		c.run = regexp.MustCompile(`(?:^|[\s` + "`" + `/$(])(?:` + strings.Join(programs, "|") + `)(?:\s+-[^\s` + "`" + `]+)*(?:\s+[a-z][\w-]*)?\s+` + regexp.QuoteMeta(c.name) + `(?:$|[^\w.-]|[.](?:\s|$))`)
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b command) int { return strings.Compare(a.name, b.name) })
	return list, nil
}

func declaredElsewhere(pass *detectors.Pass, name string) (bool, error) {
	naming, err := pass.Source.Naming(pass.Context, name)
	if err != nil {
		return false, err
	}
	for _, p := range naming[name] {
		if source.LanguageOf(p) == "" || source.IsTest(p) {
			continue
		}
		if file, err := pass.Source.Head(p); err == nil {
			if _, ok := subcommands(file)[name]; ok {
				return true, nil
			}
		}
	}
	return false, nil
}

// subcommands are the commands that a file declares for its program: cobra and urfave/cli in Go; argparse, click and typer in
// Python; commander and yargs in TypeScript and JavaScript; a switch over the first argument.
func subcommands(f *source.File) map[string]int {
	found := switchedCommands(f)
	for _, o := range f.Objects {
		if f.Lang != source.Go || !strings.HasSuffix(o.Type, "cobra.Command") && !strings.HasSuffix(o.Type, "cli.Command") {
			continue
		}
		for _, k := range o.Keys {
			if k.Name == "Use" || k.Name == "Name" {
				if fields := strings.Fields(strings.Trim(k.Value, "\"`")); len(fields) > 0 {
					found[fields[0]] = k.Span.Line
				}
			}
		}
	}
	for _, c := range f.Calls {
		if (c.Name == "add_parser" && f.Lang == source.Python || c.Name == "command" && c.Receiver != "" && f.Lang != source.Go) && len(c.Args) > 0 && c.Args[0].IsString {
			if fields := strings.Fields(c.Args[0].Str); len(fields) > 0 {
				found[fields[0]] = c.Span.Line
			}
		}
	}
	if f.Lang == source.Python {
		for _, d := range f.Decls {
			for _, c := range d.Decorators {
				if c.Name == "command" && c.Receiver != "" && (len(c.Args) == 0 || !c.Args[0].IsString) {
					found[strings.ReplaceAll(d.Name, "_", "-")] = d.Span.Line
				}
			}
		}
	}
	return found
}
