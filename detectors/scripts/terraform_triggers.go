package scripts

// Terraform resources that run a file of the repository once and never again.

import (
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"flightpoll/detectors/lazy"
)

// untriggered is a null_resource or terraform_data without anything that replaces it, and the file that it runs.
type untriggered struct {
	name, file string
	line, last int
}

// runFile is the name of a file in a command.
var runFile = lazy.New(`[\w./-]*\.(sql|sh|bash|py|js|ya?ml|json|rb|cql|tmpl|conf)\b`)

// untriggeredIn finds them; there says whether a file of the repository has that path.
func untriggeredIn(p, text string, there func(string) bool) []untriggered {
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
	var list []untriggered
	for _, r := range body.Blocks {
		if r.Type != "resource" || len(r.Labels) < 2 || r.Labels[0] != "null_resource" && r.Labels[0] != "terraform_data" || replaced(r) {
			continue
		}
		for _, b := range r.Body.Blocks {
			if b.Type != "provisioner" || b.Body.Attributes["when"] != nil {
				continue
			}
			for _, key := range []string{"command", "inline", "script", "scripts", "source"} {
				a := b.Body.Attributes[key]
				if a == nil {
					continue
				}
				for _, name := range runFile.FindAllString(string(a.Expr.Range().SliceBytes([]byte(text))), 8) {
					found := path.Join(path.Dir(p), strings.TrimLeft(name, "./"))
					if there(found) && !firstOnly.MatchString(found) {
						list = append(list, untriggered{name: r.Labels[1], file: found, line: r.DefRange().Start.Line, last: r.Range().End.Line})
						break
					}
				}
			}
		}
	}
	return list
}

// replaced says whether anything makes Terraform run the resource's provisioners again.
func replaced(r *hclsyntax.Block) bool {
	for _, name := range []string{"triggers", "triggers_replace"} {
		if r.Body.Attributes[name] != nil {
			return true
		}
	}
	return slices.ContainsFunc(r.Body.Blocks, func(b *hclsyntax.Block) bool {
		return b.Type == "triggers" || b.Type == "lifecycle" && b.Body.Attributes["replace_triggered_by"] != nil
	})
}
