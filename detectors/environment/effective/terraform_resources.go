package effective

// What Terraform's resources give to the programs that they run.

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// carriers are the attributes and blocks that hold a program's environment: ECS and Lambda, Cloud Run, App Service, Heroku,
// Vercel, Kubernetes and Nomad.
var carriers = map[string]bool{
	"environment": true, "environment_variables": true, "variables": true, "env": true, "env_vars": true, "app_settings": true, "config_vars": true, "secrets": true,
	"build_environment_variables": true, "secret_environment_variables": true, "environmentVariables": true,
}

// configResources are resources whose "variables" are not those of a program.
var configResources = []string{"aws_api_gateway", "github_actions", "gitlab_", "aws_codebuild", "aws_amplify_branch", "null_resource", "tfe_"}

func (w *terraform) resource(s *scope, module *Unit, b *hclsyntax.Block, prefix string) {
	for _, skip := range configResources {
		if strings.HasPrefix(b.Labels[0], skip) {
			return
		}
	}
	w.carrier(s, module, b, prefix+b.Labels[0]+"."+b.Labels[1], b.Labels[0])
}

// carrier reads the environment that a block gives to what it runs.
func (w *terraform) carrier(s *scope, module *Unit, b *hclsyntax.Block, name, kind string) {
	u := Unit{Name: name, Kind: kind, Environment: module.Environment, Root: module.Root, Files: module.Files, Variables: map[string]Variable{}, At: Place{s.from[b], b.TypeRange.Start.Line}}
	r := &resourceReader{scope: s, unit: &u, file: s.from[b]}
	r.body(b.Body, false, 0)
	if len(u.Variables) > 0 || r.carries {
		w.units = append(w.units, u)
	}
}

type resourceReader struct {
	*scope
	unit *Unit
	file string
	// carries says that it is given an environment which is wholly known, were it empty.
	carries bool
}

// body looks for carriers in a block; inside says that the block is itself one.
func (r *resourceReader) body(b *hclsyntax.Body, inside bool, depth int) {
	if depth > 10 {
		return
	}
	name, value := b.Attributes["name"], b.Attributes["value"]
	if inside && name != nil {
		if v := literal(name.Expr, Place{}); v.State == Set && v.value != "" {
			at := Place{r.file, name.NameRange.Start.Line}
			if value != nil {
				r.unit.Variables[v.value] = r.resolve(value.Expr, at, 0)
			} else {
				r.unit.Variables[v.value] = elsewhere(at)
			}
		}
	}
	for key, a := range b.Attributes {
		r.expression(a.Expr, carriers[key], depth+1)
	}
	for _, inner := range b.Blocks {
		kind := inner.Type
		if kind == "dynamic" && len(inner.Labels) == 1 && carriers[inner.Labels[0]] {
			if each := inner.Body.Attributes["for_each"]; each == nil || !r.entries(each.Expr, 0) {
				r.unit.open("its environment is made by a dynamic block")
			}
			continue
		}
		r.body(inner.Body, carriers[kind], depth+1)
	}
}

// entries adds the entries of what an environment is made of, one a variable: a map that is written out, a variable or a local that
// is one, or several of them merged. It says whether all of them are known.
func (r *resourceReader) entries(e hclsyntax.Expression, depth int) bool {
	if depth > 8 {
		return false
	}
	switch e := e.(type) {
	case *hclsyntax.ObjectConsExpr:
		for _, item := range e.Items {
			key := literal(item.KeyExpr, Place{})
			if key.State != Set || key.value == "" {
				return false
			}
			r.unit.Variables[key.value] = r.resolve(item.ValueExpr, Place{r.file, item.KeyExpr.Range().Start.Line}, 0)
		}
		return true
	case *hclsyntax.ParenthesesExpr:
		return r.entries(e.Expression, depth+1)
	case *hclsyntax.FunctionCallExpr:
		if e.Name != "merge" && e.Name != "tomap" && e.Name != "nonsensitive" {
			return false
		}
		known := true
		for _, a := range e.Args {
			known = r.entries(a, depth+1) && known
		}
		return known
	case *hclsyntax.ScopeTraversalExpr:
		if len(e.Traversal) != 2 {
			return false
		}
		_, name, _ := strings.Cut(traversalName(e), ".")
		switch e.Traversal.RootName() {
		case "local":
			if inner := r.locals[name]; inner != nil {
				return r.entries(inner, depth+1)
			}
		case "var":
			v, given := r.given[name]
			if !given || v.State == Elsewhere || v.State == Passed {
				return false
			}
			r.carries = true
			for entry, inner := range r.given {
				if key, ok := strings.CutPrefix(entry, name+"."); ok {
					r.unit.Variables[key] = inner
				}
			}
			return true
		}
	}
	return false
}

// expression looks for an environment in an expression: an object of names, or a list of objects with name and value.
func (r *resourceReader) expression(e hclsyntax.Expression, inside bool, depth int) {
	if depth > 16 {
		return
	}
	switch e := e.(type) {
	case *hclsyntax.FunctionCallExpr:
		if e.Name == "templatefile" || e.Name == "file" {
			r.unit.open("its definition is a template of its own")
		}
		if inside && e.Name == "merge" || e.Name == "jsonencode" || e.Name == "yamlencode" || e.Name == "concat" || inside {
			for _, a := range e.Args {
				r.expression(a, inside, depth+1)
			}
		}
	case *hclsyntax.ScopeTraversalExpr:
		if !inside {
			return
		}
		if len(e.Traversal) == 2 && e.Traversal.RootName() == "local" {
			if inner := r.locals[strings.TrimPrefix(traversalName(e), "local.")]; inner != nil {
				r.expression(inner, true, depth+1)
				return
			}
		}
		if !r.entries(e, 0) {
			r.unit.open("part of its environment is " + traversalName(e))
		}
	case *hclsyntax.ForExpr:
		if inside {
			r.unit.open("its environment is made by a loop")
		}
	case *hclsyntax.TupleConsExpr:
		for _, item := range e.Exprs {
			r.expression(item, inside, depth+1)
		}
	case *hclsyntax.ObjectConsExpr:
		r.object(e, inside, depth)
	case *hclsyntax.ParenthesesExpr:
		r.expression(e.Expression, inside, depth+1)
	}
}

// traversalName is a reference as it is written ("var.environment").
func traversalName(e *hclsyntax.ScopeTraversalExpr) string {
	var parts []string
	for _, step := range e.Traversal {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			parts = append(parts, step.Name)
		case hcl.TraverseAttr:
			parts = append(parts, step.Name)
		}
	}
	return strings.Join(parts, ".")
}

func (r *resourceReader) object(e *hclsyntax.ObjectConsExpr, inside bool, depth int) {
	fields := map[string]hclsyntax.Expression{}
	lines := map[string]int{}
	for _, item := range e.Items {
		if v := literal(item.KeyExpr, Place{}); v.State == Set && v.value != "" {
			fields[v.value], lines[v.value] = item.ValueExpr, item.KeyExpr.Range().Start.Line
		}
	}
	name, named := fields["name"]
	if named && inside {
		v := literal(name, Place{})
		at := Place{r.file, lines["name"]}
		switch value, ok := fields["value"]; {
		case v.State != Set || v.value == "":
			r.unit.open("the names of its environment are computed")
		case ok:
			r.unit.Variables[v.value] = r.resolve(value, at, 0)
		default:
			r.unit.Variables[v.value] = elsewhere(at)
		}
		return
	}
	for key, value := range fields {
		switch {
		case carriers[key]:
			r.expression(value, true, depth+1)
		case inside:
			r.unit.Variables[key] = r.resolve(value, Place{r.file, lines[key]}, 0)
		default:
			r.expression(value, false, depth+1)
		}
	}
}
