package scripts

// Terraform: commands of local-exec and remote-exec provisioners.

import (
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// readProvisioners finds the commands that Terraform runs when it makes a resource, nil for other files. Those that run
// at destruction are left out.
func readProvisioners(p, text string) []task {
	if path.Ext(p) != ".tf" || !strings.Contains(text, "provisioner") {
		return nil
	}
	file, diags := hclsyntax.ParseConfig([]byte(text), p, hcl.Pos{Line: 1, Column: 1})
	if diags.HasErrors() {
		return nil
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return nil
	}
	var list []task
	for _, resource := range body.Blocks {
		if resource.Type != "resource" || len(resource.Labels) < 2 {
			continue
		}
		for _, b := range resource.Body.Blocks {
			if b.Type != "provisioner" || len(b.Labels) == 0 {
				continue
			}
			if when := b.Body.Attributes["when"]; when != nil {
				continue
			}
			for _, key := range []string{"command", "inline"} {
				a := b.Body.Attributes[key]
				if a == nil || !alwaysRuns(resource) {
					continue
				}
				list = append(list, task{name: resource.Labels[1], module: b.Labels[0], line: b.DefRange().Start.Line,
					command: commandText(a.Expr, []byte(text)), first: a.Expr.Range().Start.Line, last: b.Range().End.Line})
			}
		}
	}
	return list
}

// alwaysRuns says whether a resource is made anew at each apply: a trigger of the time, or of a fresh value.
func alwaysRuns(resource *hclsyntax.Block) bool {
	for _, name := range []string{"triggers", "triggers_replace"} {
		a := resource.Body.Attributes[name]
		if a == nil {
			continue
		}
		for _, f := range functionsIn(a.Expr) {
			if f == "timestamp" || f == "uuid" || f == "plantimestamp" {
				return true
			}
		}
	}
	return false
}

func functionsIn(e hclsyntax.Expression) []string {
	var names []string
	_ = hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		if call, ok := n.(*hclsyntax.FunctionCallExpr); ok {
			names = append(names, call.Name)
		}
		return nil
	})
	return names
}

// commandText is the text of a template or of a list of them, with a hole for each expression.
func commandText(e hclsyntax.Expression, text []byte) string {
	switch e := e.(type) {
	case *hclsyntax.TemplateExpr:
		var b strings.Builder
		for _, part := range e.Parts {
			switch v := part.(type) {
			case *hclsyntax.LiteralValueExpr:
				if v.Val.Type().FriendlyName() == "string" {
					b.WriteString(v.Val.AsString())
				}
			case *hclsyntax.ScopeTraversalExpr:
				if v.Traversal.RootName() == "path" { // path.module: the folder of the file
					b.WriteString(".")
				} else {
					b.WriteString(hole)
				}
			default:
				b.WriteString(hole)
			}
		}
		return b.String()
	case *hclsyntax.TupleConsExpr:
		var lines []string
		for _, item := range e.Exprs {
			lines = append(lines, commandText(item, text))
		}
		return strings.Join(lines, "\n")
	}
	return ""
}
