package review

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// NewPart finds a new service, job or manifest that says nothing of whom to call, where all that stand beside it do: an owner, an
// entry in the list of who is on call.
var NewPart = &detectors.Detector{
	ID:    "review/new-part",
	Title: "Nobody is named for the new part, as somebody is for those beside it",
	Run:   runNewPart,
}

// part is one unit that the branch adds: a folder with a service, or a file with a job.
type part struct {
	name, path string
	files      []*branch.File
	// beside are the units of the same kind that were there.
	beside []string
	folder bool
	// at is the file to point to, empty for the one that makes it a unit.
	at string
}

func runNewPart(pass *detectors.Pass) error {
	b := pass.Branch
	head, err := b.HeadPaths()
	if err != nil {
		return err
	}
	base, err := b.BasePaths()
	if err != nil {
		return err
	}
	n := &newParts{pass: pass, head: head, told: map[string]bool{}}
	catalogued := n.ownerless()
	parts := newUnits(b, head, base)
	if len(parts) == 0 && !catalogued {
		return detectors.ErrNotApplicable
	}
	for _, p := range parts[:min(len(parts), 20)] {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		for _, look := range []func(part) bool{n.ownFile, n.contact, n.listed, n.keys} {
			if look(p) {
				break
			}
		}
	}
	return nil
}

type newParts struct {
	pass *detectors.Pass
	head []string
	// told are the files that something was said of.
	told map[string]bool
	// groups are those that the repository's catalogue defines, nil before they are asked for.
	groups map[string]bool
}

var (
	// unitFile are files whose presence makes a folder a service or a package of its own.
	unitFile = lazy.New(`(?i)(?:^|/)(?:Dockerfile|main\.\w+|index\.[jt]sx?|app\.\w+|server\.\w+|program\.(?:cs|fs|vb)|go\.mod|package\.json|pyproject\.toml|cargo\.toml|pom\.xml|build\.gradle(?:\.kts)?|serverless\.ya?ml|kustomization\.ya?ml|chart\.yaml|main\.tf|[\w.-]+\.(?:cs|fs|vb)proj|__main__\.py|handler\.\w+|worker\.\w+)$`)
	// unitFolder are folders whose members are units each.
	unitFolder = lazy.New(`(?i)(?:^|/)(?:services?|apps?|jobs?|workers?|crons?|cronjobs?|functions?|lambdas?|consumers?|pipelines?|dags?|tasks?|processors?|micro-?services?|cmd|charts?|deployments?|deploy|k8s|kubernetes|components|agents?|bots?|integrations?|connectors?|modules|domains?|alerts?|queues?|importers?|batch|systems?|schedul\w*|migrations?|plugins?|providers?|webhooks?|topics?)$`)
	ownersFile = lazy.New(`(?i)^(?:catalog-info\.ya?ml|owners?(?:\.(?:md|ya?ml|txt|toml|json))?|code_?owners|maintainers?(?:\.\w+)?|service\.(?:ya?ml|json|toml)|on-?call(?:\.\w+)?|run-?book(?:s)?(?:\.\w+)?|playbook(?:\.\w+)?|contacts?(?:\.\w+)?|escalation(?:\.\w+)?|cortex\.ya?ml|opslevel\.ya?ml|slo(?:s)?\.ya?ml|support\.md|team\.\w+|operations?\.md)$`)
	saysWhom   = lazy.New(`(?i)\b(?:owners?|owned by|on-?call|contacts?|team|escalat\w+|maintainers?|pager|run ?book|support|slack)\b\s*(?:\*\*)?\s*[:|]|^#+\s*(?:owners?|on-?call|contacts?|escalation|support|team|maintainers?)\b|(?i:\bpagerduty\b|\bopsgenie\b)`)
	registry   = lazy.New(`(?i)owner|on-?call|escalat|pager|opsgenie|contact|responsib|rota|catalog|teams?(?:[./]|$)|services?\.(?:ya?ml|json|toml|md)|runbooks?/(?:readme|index)\.|maintainers|support|inventory|registry`)
)

// newUnits are the folders and files of the branch that are new beside others of their kind.
func newUnits(b *branch.Branch, head, base []string) []part {
	var list []part
	seen := map[string]bool{}
	for _, f := range b.Files {
		if f.Status != branch.Added || source.IsTest(f.Path) || source.IsExample(f.Path) || f.Generated || f.Vendored || f.Binary {
			continue
		}
		parts := strings.Split(f.Path, "/")
		for depth := 2; depth <= len(parts); depth++ {
			parent, unit := strings.Join(parts[:depth-1], "/"), strings.Join(parts[:depth], "/")
			folder := depth < len(parts)
			if seen[unit] || !unitFolder.MatchString(parent) {
				continue
			}
			seen[unit] = true
			if folder && !isNewFolder(b, unit, head) || !folder && source.LanguageOf(f.Path) == "" && !manifestEnding.MatchString(f.Path) {
				continue
			}
			p := part{name: parts[depth-1], path: unit, folder: folder}
			for _, o := range b.Files {
				if o.Path == unit || strings.HasPrefix(o.Path, unit+"/") {
					p.files = append(p.files, o)
				}
			}
			p.beside = unitsBeside(base, parent, p)
			if folder && !slices.ContainsFunc(p.files, func(o *branch.File) bool { return source.LanguageOf(o.Path) != "" || unitFile.MatchString(o.Path) }) {
				continue
			}
			if len(p.beside) >= 1 {
				list = append(list, p)
			}
			break
		}
	}
	return list
}

var manifestEnding = lazy.New(`\.(?:ya?ml|tf|hcl|json|toml)$`)

// unitsBeside are the folders with code or with a file of the new one's kind, or the files with the same ending, beside a new one.
func unitsBeside(base []string, parent string, fresh part) []string {
	kinds := map[string]bool{}
	for _, f := range fresh.files {
		if rest := strings.TrimPrefix(f.Path, fresh.path+"/"); ownersFile.MatchString(rest) {
			kinds[rest] = true
		}
	}
	var list []string
	for _, p := range base {
		rest, ok := strings.CutPrefix(p, parent+"/")
		if !ok || source.IsTest(p) {
			continue
		}
		name, inside, below := strings.Cut(rest, "/")
		if below != fresh.folder || !below && (path.Ext(name) != path.Ext(fresh.path) || strings.HasPrefix(name, "__") || strings.EqualFold(plainName(name), "index")) {
			continue
		}
		if unit := parent + "/" + name; !slices.Contains(list, unit) && (!below || kinds[inside] || source.LanguageOf(p) != "" || unitFile.MatchString(p)) {
			list = append(list, unit)
		}
	}
	return list
}

// plainName is the name of a unit as one word in lower case.
func plainName(p string) string {
	base, _, _ := strings.Cut(path.Base(p), ".")
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(base))
}

// most says that so many of the units beside have something that it is the rule.
func most(have, all int) bool { return have >= 2 && have*5 >= all*4 }

func (n *newParts) report(p part, what, why, fix string, related []detectors.Related) bool {
	at := p.files[0]
	for _, f := range p.files {
		if p.at == f.Path || p.at == "" && unitFile.MatchString(f.Path) {
			at = f
			break
		}
	}
	for _, f := range p.files[:min(len(p.files), 6)] {
		if f != at {
			related = append(related, detectors.Related{Path: f.Path, Line: 1, Message: "is new with it"})
		}
	}
	if n.told[at.Path] {
		return true
	}
	n.pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: at.Path, Line: 1, Symbol: strings.TrimSuffix(p.name, path.Ext(p.name)),
		Message: fmt.Sprintf("%s is new and %s", p.path, what), Why: why, Fix: fix, Related: related,
		Evidence: []string{p.path, what},
	})
	return true
}

// ownFile misses a file about owners, calls or run books that the folders beside have.
func (n *newParts) ownFile(p part) bool {
	if !p.folder {
		return false
	}
	have := map[string][]string{}
	for _, u := range p.beside {
		for _, q := range n.head {
			if rest, ok := strings.CutPrefix(q, u+"/"); ok && ownersFile.MatchString(path.Base(rest)) && strings.Count(rest, "/") < 2 {
				if name := strings.ToLower(strings.TrimSuffix(rest, path.Ext(rest))); !slices.Contains(have[name], q) {
					have[name] = append(have[name], q)
				}
			}
		}
	}
	for name, files := range have {
		if !most(len(files), len(p.beside)) || slices.ContainsFunc(p.files, func(f *branch.File) bool {
			return strings.EqualFold(strings.TrimSuffix(strings.TrimPrefix(f.Path, p.path+"/"), path.Ext(f.Path)), name)
		}) || n.coveredElsewhere(p) {
			continue
		}
		return n.report(p, fmt.Sprintf("has no %s, as %d of the %d beside it have (%s)", path.Base(files[0]), len(files), len(p.beside), files[0]),
			"Whoever is woken by it finds nobody to ask.", "Add the file with those who answer for it.", nil)
	}
	return false
}

// coveredElsewhere says whether one file of the branch speaks of the new part and of whom to call.
func (n *newParts) coveredElsewhere(p part) bool {
	return slices.ContainsFunc(n.pass.Branch.Files, func(f *branch.File) bool {
		if f.Status == branch.Deleted || source.LanguageOf(f.Path) != "" || f.Binary || f.TooLarge || strings.HasPrefix(f.Path, p.path) {
			return false
		}
		text, err := f.After()
		return err == nil && registry.MatchString(f.Path) && namesUnit(string(text), p.name)
	})
}

// contact misses words about whom to call in the read-me, which the folders beside have in theirs.
func (n *newParts) contact(p part) bool {
	if !p.folder {
		return false
	}
	says := func(q string) string {
		for _, r := range n.head {
			if rest, ok := strings.CutPrefix(r, q+"/"); ok && strings.HasPrefix(strings.ToLower(rest), "readme") {
				if text, err := n.pass.Branch.ReadHead(r); err == nil {
					for line := range strings.Lines(string(text)) {
						if saysWhom.MatchString(line) {
							return r
						}
					}
				}
			}
		}
		return ""
	}
	have, example := 0, ""
	for _, u := range p.beside {
		if at := says(u); at != "" {
			have, example = have+1, at
		}
	}
	if at := says(p.path); at != "" || !most(have, len(p.beside)) || n.coveredElsewhere(p) {
		return false
	}
	return n.report(p, fmt.Sprintf("says nowhere whom to call, as the read-me of %d of the %d beside it does (%s)", have, len(p.beside), example),
		"Whoever is woken by it finds nobody to ask.", "Write into its read-me who answers for it.", nil)
}

// namesUnit says whether a text names a unit, with either mark between its words.
func namesUnit(text, name string) bool {
	stem := strings.TrimSuffix(name, path.Ext(name))
	words := strings.FieldsFunc(stem, func(r rune) bool { return r == '-' || r == '_' || r == ' ' })
	for i := range words {
		words[i] = regexp.QuoteMeta(words[i])
	}
	return len(words) > 0 && regexp.MustCompile(`(?i)(?:^|[^A-Za-z0-9])`+strings.Join(words, `[-_ ]?`)+`(?:$|[^A-Za-z0-9])`).MatchString(text)
}

// listed misses an entry in a list that names those beside: who owns what, who is on call, where the run book is.
func (n *newParts) listed(p part) bool {
	read := 0
	for _, q := range n.head {
		if !registry.MatchString(q) || source.LanguageOf(q) != "" || source.IsTest(q) || history.MatchString(q) || strings.HasPrefix(q, path.Dir(p.path)+"/") && !strings.Contains(strings.TrimPrefix(q, path.Dir(p.path)+"/"), ".") || strings.Contains(q, "CODEOWNERS") {
			continue
		}
		if slices.ContainsFunc(p.beside, func(u string) bool { return u == q || strings.HasPrefix(q, u+"/") }) {
			continue
		}
		if read++; read > 200 {
			return false
		}
		text, err := n.pass.Branch.ReadHead(q)
		if err != nil || len(text) > 1<<18 || namesUnit(string(text), p.name) {
			continue
		}
		have := 0
		for _, u := range p.beside[:min(len(p.beside), 60)] {
			if namesUnit(string(text), path.Base(u)) {
				have++
			}
		}
		if have < 3 || !most(have, min(len(p.beside), 60)) {
			continue
		}
		return n.report(p, fmt.Sprintf("is not in %s, which has %d of the %d beside it", q, have, len(p.beside)),
			"Whoever looks there for whom to call, or what to do, finds nothing.", "Add it to the list on this branch.",
			[]detectors.Related{{Path: q, Line: 1, Message: "names those beside it"}})
	}
	return false
}
