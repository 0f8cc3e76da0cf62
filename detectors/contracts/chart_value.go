package contracts

// Values of Helm charts that values files set and the chart's templates no longer read.

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/source/chart"
	"flightpoll/detectors/source/document"
)

// ChartValue finds values files that still set a key which the branch took out of the chart, or moved.
var ChartValue = &detectors.Detector{
	ID:    "contracts/chart-value",
	Title: "A values file sets a key that the chart no longer reads",
	Run:   runChartValues,
}

// A valuesUse is what one chart reads of one set of values on one side.
type valuesUse struct {
	chart *chart.Chart
	used  map[string]bool
}

func runChartValues(pass *detectors.Pass) error {
	before, after := side{pass.Branch, pass.Source, true}, side{pass.Branch, pass.Source, false}
	charts := changedCharts(pass, before, after)
	if len(charts) == 0 {
		return detectors.ErrNotApplicable
	}
	for _, dir := range charts {
		old, err := chart.Read(chartFiles{before}, dir)
		if err != nil {
			continue // there was no chart that could be read, so nobody's values are stale
		}
		now, err := chart.Read(chartFiles{after}, dir)
		if err != nil {
			continue
		}
		for _, p := range valuesFilesOf(pass, after, dir) {
			if err := pass.Context.Err(); err != nil {
				return err
			}
			if err := judgeValues(pass, p, old, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// changedCharts are the folders of the outermost charts whose templates or values the branch changes.
func changedCharts(pass *detectors.Pass, before, after side) (list []string) {
	for _, f := range pass.Branch.Files {
		if !strings.Contains(f.Path, "/templates/") && !strings.HasPrefix(f.Path, "templates/") && path.Base(f.Path) != "values.yaml" {
			continue
		}
		top := ""
		for dir := path.Dir(f.Path); ; dir = path.Dir(dir) {
			if p := path.Join(dir, "Chart.yaml"); before.exists(p) && after.exists(p) {
				top = dir
			}
			if dir == "." || dir == "/" {
				break
			}
		}
		if top != "" && !slices.Contains(list, top) {
			list = append(list, top)
		}
	}
	return list
}

// chartFiles gives the files of one side to the reader of charts.
type chartFiles struct{ at side }

func (f chartFiles) Has(p string) bool             { return f.at.exists(p) }
func (f chartFiles) Read(p string) ([]byte, error) { return f.at.text(p) }
func (f chartFiles) Below(dir string) []string {
	paths := f.at.paths()
	if dir == "." {
		return paths
	}
	from, _ := slices.BinarySearch(paths, dir+"/")
	to, _ := slices.BinarySearch(paths, dir+"0") // '0' is the character after '/'
	return paths[from:max(from, to)]
}

const maxValuesFiles = 60 // of one chart

// valuesFilesOf are the files that give the chart values: below its folder, named with it in one command, or anywhere in a repository
// that has no other chart.
func valuesFilesOf(pass *detectors.Pass, at side, dir string) (list []string) {
	var files []string
	charts := 0
	for _, p := range at.paths() {
		base := strings.ToLower(path.Base(p))
		if base == "chart.yaml" && !strings.Contains(p, "/charts/") {
			charts++
		}
		if ext := path.Ext(base); (ext == ".yaml" || ext == ".yml") && strings.Contains(base, "values") && !strings.Contains(p, "/templates/") && p != path.Join(dir, "values.yaml") && !skipped(p) {
			files = append(files, p)
		}
	}
	for _, p := range files {
		inside := dir == "." || strings.HasPrefix(p, dir+"/")
		if len(list) < maxValuesFiles && (inside || charts == 1 || commandedWith(pass, p, dir)) {
			list = append(list, p)
		}
	}
	return list
}

// commandedWith says whether a line of the repository names helm, the chart's folder and the values file.
func commandedWith(pass *detectors.Pass, values, dir string) bool {
	naming, err := pass.Source.Naming(pass.Context, path.Base(values))
	if err != nil {
		return false
	}
	for i, p := range naming[path.Base(values)] {
		if text, err := pass.Branch.ReadHead(p); err == nil && i < 20 {
			for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", " ")) {
				if strings.Contains(line, "helm") && strings.Contains(line, path.Base(values)) && strings.Contains(line, dir) {
					return true
				}
			}
		}
	}
	return false
}

func judgeValues(pass *detectors.Pass, p string, old, now *chart.Chart) error {
	text, err := pass.Branch.ReadHead(p)
	if err != nil {
		return nil //nolint:nilerr // a file that cannot be read sets nothing
	}
	values, err := chart.ParseValues(text)
	if err != nil || len(values) == 0 {
		return nil //nolint:nilerr // what Helm cannot read is environment's to tell
	}
	docs, err := document.YAML(p, text)
	if err != nil || len(docs) != 1 {
		return nil //nolint:nilerr // as above
	}
	read := func(c *chart.Chart) (valuesUse, error) {
		r, err := c.Render(pass.Context, values)
		if err != nil {
			return valuesUse{}, err
		}
		return valuesUse{c, r.Used}, nil
	}
	was, err := read(old)
	if err != nil {
		return err
	}
	is, err := read(now)
	if err != nil {
		return err
	}
	for _, top := range docs[0].Pairs {
		if !was.reads(top.Key) && top.Key != "global" && !slices.Contains(old.Outside, top.Key) {
			return nil // not values of this chart
		}
	}
	for _, top := range docs[0].Pairs {
		staleValues(pass, p, top, top.Key, was, is, 0)
	}
	return nil
}

// reads says whether templates ask for the path, something around it or something in it.
func (u valuesUse) reads(p string) bool {
	if u.used[p] {
		return true
	}
	for used := range u.used {
		if strings.HasPrefix(used, p+".") || strings.HasPrefix(p, used+".") {
			return true
		}
	}
	return false
}

// staleValues reports the outermost keys that the chart asked for and does not ask for any more.
func staleValues(pass *detectors.Pass, file string, key document.Pair, p string, was, is valuesUse, depth int) {
	if depth > 6 || !was.reads(p) || slices.Contains(was.chart.Outside, p) {
		return
	}
	_, kept := is.chart.Default(p)
	if is.reads(p) || kept {
		for _, sub := range key.Value.Entries() {
			staleValues(pass, file, sub, p+"."+sub.Key, was, is, depth+1)
		}
		return
	}
	at, named := is.named(pass, key.Key)
	if named {
		return // a template has it, under a condition that these values do not meet
	}
	f := detectors.Finding{
		Severity: detectors.Warning, Path: file, Line: key.Line, Symbol: p,
		Message:  fmt.Sprintf("sets %s, which the templates of the chart %s no longer read", p, is.chart.Name),
		Why:      "Helm takes a value that nothing reads without a word: this release runs on the chart's default instead.",
		Fix:      fmt.Sprintf("Move the value to the key that took the place of %s, or let the templates fall back to the old key for a release.", p),
		Evidence: []string{is.chart.Dir, file, p},
	}
	if at != "" {
		f.Related = []detectors.Related{{Path: at, Line: 1, Message: "the branch changed what the chart reads"}}
		if changed := pass.Branch.File(at); len(changed.Hunks()) > 0 {
			f.Related[0].Line = max(1, changed.Hunks()[0].NewStart)
		}
	}
	pass.Report(f)
}

// named says whether a template still holds the key's name; at is the first file of the chart that the branch changed.
func (u valuesUse) named(pass *detectors.Pass, key string) (at string, named bool) {
	files := chartFiles{side{pass.Branch, pass.Source, false}}
	for _, p := range files.Below(u.chart.Dir) {
		if !strings.Contains(p, "/templates/") && !strings.HasPrefix(p, "templates/") {
			continue
		}
		text, err := files.Read(p)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			if namesWhole(line, "."+key) || strings.Contains(line, `"`+key+`"`) {
				return "", true
			}
		}
		if f := pass.Branch.File(p); at == "" && f != nil && f.Status != branch.Added {
			at = p
		}
	}
	return at, false
}
