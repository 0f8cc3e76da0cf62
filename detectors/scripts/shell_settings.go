package scripts

// Settings that a shell script takes in, and which of them are left empty.

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors/lazy"
)

var (
	defaultsFile = lazy.New(`(?i)(\.default|\.env(\.\w+)?|\.conf(\.\w+)?|\.sysconfig|defaults?|settings?|config)(\.(example|sample|dist|sh|in|j2|tmpl))?$`)
	emptyValue   = lazy.New(`^\s*(?:export\s+)?([A-Z_][A-Z0-9_]*)=\s*(""|'')?\s*(#.*)?$`)
)

// maxSettings bounds how many files are read for settings.
const maxSettings = 30

// emptyDefaults are the variables that the repository's own copy of the settings leaves empty, for a script that takes settings in and
// neither gives them a value nor asks for it.
func (c *changes) emptyDefaults(tree *syntax.File) map[string]place {
	var names []string
	syntax.Walk(tree, func(n syntax.Node) bool {
		if call, ok := n.(*syntax.CallExpr); ok && len(call.Args) == 2 && (call.Args[0].Lit() == "." || call.Args[0].Lit() == "source") {
			if base := path.Base(call.Args[1].Lit()); base != "." && base != "" {
				names = append(names, strings.TrimSuffix(strings.TrimSuffix(base, path.Ext(base)), ".env"))
			}
		}
		return true
	})
	if len(names) == 0 {
		return nil
	}
	paths, err := c.pass.Branch.HeadPaths()
	if err != nil {
		return nil
	}
	asked := asksFor(tree)
	found := map[string]place{}
	read := 0
	for _, p := range paths {
		if !defaultsFile.MatchString(path.Base(p)) || !namedLike(path.Base(p), names) {
			continue
		}
		if read++; read > maxSettings {
			break
		}
		text := string(c.readHead(p))
		if len(text) > maxStarter {
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			if m := emptyValue.FindStringSubmatch(line); m != nil && !asked[m[1]] {
				found[m[1]] = place{p, i + 1}
			}
		}
	}
	return found
}

func namedLike(base string, names []string) bool {
	for _, n := range names {
		if n != "" && strings.HasPrefix(base, n) {
			return true
		}
	}
	return false
}

// asksFor are the variables that a script tests, demands or sets itself.
func asksFor(tree *syntax.File) map[string]bool {
	asked := map[string]bool{}
	syntax.Walk(tree, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.IfClause:
			for _, s := range n.Cond {
				looked(s, asked)
			}
		case *syntax.BinaryCmd:
			if (n.Op == syntax.OrStmt || n.Op == syntax.AndStmt) && looksAt(n.X) {
				looked(n.X, asked)
			}
		case *syntax.TestClause:
			looked(n, asked)
		case *syntax.ParamExp:
			if n.Exp != nil && (n.Exp.Op == syntax.ErrorUnsetOrNull || n.Exp.Op == syntax.AssignUnsetOrNull || n.Exp.Op == syntax.DefaultUnsetOrNull) {
				asked[n.Param.Value] = true
			}
		case *syntax.Assign:
			if n.Name != nil && n.Value != nil && solid(n.Value) {
				asked[n.Name.Value] = true
			}
		}
		return true
	})
	return asked
}
