package matrix

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"flightpoll/detectors/environment"
)

// Symbols are what a cell shows, and Legend says it in words.
var Symbols = map[environment.State]string{environment.Set: "✓", environment.Elsewhere: "s", environment.Default: "d", environment.Absent: "–"}

// Legend explains the symbols.
const Legend = "✓ set, s value comes from a secret store or from outside, d the code's default, – absent"

// Document is an inventory as `flightpoll context --format json` and the report print it, version 1.
type Document struct {
	SchemaVersion int           `json:"schema_version"`
	Environments  []Environment `json:"environments"`
	Variables     []Variable    `json:"variables"`
	Flags         []Flag        `json:"flags"`
}

// Environment is one environment with the files that configure it.
type Environment struct {
	Name  string   `json:"name"`
	Files []string `json:"files"`
}

// Variable is one name; In maps each environment to set, elsewhere, default or absent.
type Variable struct {
	Name     string            `json:"name"`
	Required bool              `json:"required"`
	Changed  bool              `json:"changed"`
	Path     string            `json:"path,omitempty"`
	Line     int               `json:"line,omitempty"`
	In       map[string]string `json:"in"`
}

// Flag is one feature flag; Defined is the file that defines it, empty where that is not in the repository.
type Flag struct {
	Key     string `json:"key"`
	Type    string `json:"type,omitempty"`
	Defined string `json:"defined,omitempty"`
	Line    int    `json:"line,omitempty"`
	Used    bool   `json:"used"`
}

// Of makes the document of an inventory, of the one environment only unless that is empty.
func Of(inv environment.Inventory, only environment.Environment) Document {
	doc := Document{SchemaVersion: 1, Environments: []Environment{}, Variables: []Variable{}, Flags: []Flag{}}
	for _, e := range inv.Environments {
		if only == "" || e.Name == only {
			doc.Environments = append(doc.Environments, Environment{Name: string(e.Name), Files: e.Files})
		}
	}
	for _, r := range inv.Variables {
		v := Variable{Name: r.Name, Required: r.Read.Path != "" && !r.Read.Optional, Changed: r.Changed, Path: r.Read.Path, Line: r.Read.Line, In: map[string]string{}}
		for _, e := range doc.Environments {
			v.In[e.Name] = string(r.In[environment.Environment(e.Name)])
		}
		doc.Variables = append(doc.Variables, v)
	}
	for _, f := range inv.Flags {
		doc.Flags = append(doc.Flags, Flag{Key: f.Key, Type: f.Kind, Defined: f.Defined, Line: f.Line, Used: f.Used})
	}
	return doc
}

// JSON prints a document.
func JSON(w io.Writer, doc Document) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(doc)
}

// Markdown prints a document as text that a person, or a model, reads. Clean takes control characters out of names.
func Markdown(w io.Writer, doc Document, clean func(string) string) error {
	cell := func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(clean(s), "|", `\|`), "`", "'") }
	var b strings.Builder
	b.WriteString("# What exists in which environment\n\nNames only: no value is shown. " + Legend + ".\n")
	if len(doc.Environments) == 0 {
		b.WriteString("\nThis repository has no files that configure environments.\n")
	}
	for _, e := range doc.Environments {
		fmt.Fprintf(&b, "\n- **%s**: %s", cell(e.Name), cell(strings.Join(e.Files[:min(len(e.Files), 12)], ", ")))
		if len(e.Files) > 12 {
			fmt.Fprintf(&b, " and %d more", len(e.Files)-12)
		}
	}
	b.WriteString("\n\n## Variables\n\n")
	if len(doc.Variables) == 0 {
		b.WriteString("None is read or set.\n")
	} else {
		b.WriteString("| variable | read at |")
		for _, e := range doc.Environments {
			b.WriteString(" " + cell(e.Name) + " |")
		}
		b.WriteString("\n| --- | --- |" + strings.Repeat(" --- |", len(doc.Environments)) + "\n")
		for _, v := range doc.Variables {
			at := "not in the code that was read"
			if v.Path != "" {
				at = fmt.Sprintf("%s:%d", cell(v.Path), v.Line)
				if v.Required {
					at += ", required"
				}
			}
			fmt.Fprintf(&b, "| `%s` | %s |", cell(v.Name), at)
			for _, e := range doc.Environments {
				b.WriteString(" " + Symbols[environment.State(v.In[e.Name])] + " |")
			}
			b.WriteString("\n")
		}
	}
	if len(doc.Flags) > 0 {
		b.WriteString("\n## Feature flags\n\n| flag | type | defined in | evaluated in code |\n| --- | --- | --- | --- |\n")
		for _, f := range doc.Flags {
			defined, used := "not in this repository", "no"
			if f.Defined != "" {
				defined = fmt.Sprintf("%s:%d", cell(f.Defined), f.Line)
			}
			if f.Used {
				used = "yes"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", cell(f.Key), cell(f.Type), defined, used)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
