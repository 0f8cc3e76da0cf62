package review

// Checks of data that stand in structured files: dbt's tests of models and columns, Soda's checks, the expectations of Great Expectations.

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source"
	tree "flightpoll/detectors/source/document"
)

// dataCheck is one check of a table or a column.
type dataCheck struct {
	of, name string
	line     int
}

// checkLists are the keys whose lists hold checks: dbt's (docs.getdbt.com/reference/resource-properties/data-tests), Great Expectations'.
var checkLists = []string{"tests", "data_tests", "unit_tests", "expectations", "constraints"}

// dataChecks are the checks of a file by what they are about; a list that is called otherwise now is the same.
func dataChecks(p string, text []byte) []dataCheck {
	if !bytes.Contains(text, []byte("tests")) && !bytes.Contains(text, []byte("checks for ")) && !bytes.Contains(text, []byte("expectation")) && !bytes.Contains(text, []byte("constraints")) {
		return nil
	}
	roots, err := tree.Read(p, text)
	if err != nil {
		return nil
	}
	var list []dataCheck
	for _, root := range roots {
		dataChecksOf(root, "", 0, &list)
	}
	return list
}

func dataChecksOf(n *tree.Node, of string, depth int, list *[]dataCheck) {
	if n == nil || depth > 12 || len(*list) > 5000 {
		return
	}
	if name := n.Text("name"); name != "" {
		of += "/" + name
	}
	for _, p := range n.Pairs {
		table, soda := strings.CutPrefix(p.Key, "checks for ")
		if slices.Contains(checkLists, p.Key) || soda {
			about := of
			if soda {
				about = table
			}
			for _, i := range p.Value.List() {
				*list = append(*list, dataCheck{about, checkName(i), max(i.Line, p.Line)})
			}
			continue
		}
		dataChecksOf(p.Value, of, depth+1, list)
	}
	for _, i := range n.Items {
		dataChecksOf(i, of, depth+1, list)
	}
}

// checkName is what a check asks: its word, the key of its mapping, its type.
func checkName(n *tree.Node) string {
	for _, key := range []string{"expectation_type", "type", "test_name"} {
		if name := n.Text(key); name != "" {
			return name
		}
	}
	if n.Scalar() {
		return n.Value
	}
	for _, p := range n.Pairs {
		return p.Key
	}
	return ""
}

// fewerDataChecks reports checks of data that a file had and has no more, in a branch that changes what makes the data.
func (w *weakening) fewerDataChecks() error {
	for _, f := range w.pass.Branch.Files {
		ext := strings.ToLower(path.Ext(f.Path))
		if f.Status == branch.Added || f.Binary || f.TooLarge || f.Generated || f.Vendored || source.IsExample(f.Path) || ext != ".yml" && ext != ".yaml" && ext != ".json" {
			continue
		}
		before, err := f.Before()
		if err != nil {
			return err
		}
		was := dataChecks(before0(f), before)
		if len(was) == 0 {
			continue
		}
		after, err := f.After()
		if err != nil {
			return err
		}
		var now []dataCheck
		if f.Status != branch.Deleted {
			if now = dataChecks(f.Path, after); now == nil && bytes.Contains(after, []byte("tests")) {
				continue
			}
		}
		w.lostChecks(f, was, now, string(after))
	}
	return w.pass.Context.Err()
}

func (w *weakening) lostChecks(f *branch.File, was, now []dataCheck, after string) {
	var lost []string
	line := 0
	for _, c := range was {
		same := func(o dataCheck) bool { return o.name == c.name && o.of == c.of }
		model := strings.Split(strings.Trim(c.of, "/"), "/")
		if c.name == "" || slices.ContainsFunc(now, same) || !f.Removed(c.line) && f.Status != branch.Deleted ||
			slices.ContainsFunc(model, func(part string) bool { return part != "" && !strings.Contains(after, part) }) || w.checkedElsewhere(f, c) {
			continue
		}
		lost = append(lost, c.name)
		if line == 0 && f.Status != branch.Deleted {
			line = max(1, f.NewLine(c.line))
		}
	}
	if len(lost) == 0 || len(now) >= len(was) {
		return
	}
	w.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: lost[0],
		Message:  fmt.Sprintf("checks of the data are gone: %s", strings.Join(lost[:min(len(lost), 4)], ", ")),
		Why:      "Wrong rows of this very change go on to whoever reads the table, and nothing says so.",
		Fix:      "Keep the checks; where one no longer fits, say in the commit why.",
		Evidence: append([]string{"data checks"}, lost[:min(len(lost), 4)]...),
	})
}

// checkedElsewhere says whether another changed file has the check of the same thing now.
func (w *weakening) checkedElsewhere(f *branch.File, c dataCheck) bool {
	return slices.ContainsFunc(w.pass.Branch.Files, func(o *branch.File) bool {
		ext := strings.ToLower(path.Ext(o.Path))
		if o == f || o.Status == branch.Deleted || o.Binary || o.TooLarge || ext != ".yml" && ext != ".yaml" && ext != ".json" {
			return false
		}
		text, err := o.After()
		return err == nil && slices.ContainsFunc(dataChecks(o.Path, text), func(n dataCheck) bool { return n.name == c.name && n.of == c.of })
	})
}
