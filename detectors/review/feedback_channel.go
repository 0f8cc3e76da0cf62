package review

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// FeedbackChannel finds a new part of the product's surface on which users cannot say that it is wrong, where they can on all
// that stand beside it.
var FeedbackChannel = &detectors.Detector{
	ID:    "review/feedback-channel",
	Title: "Users cannot say that the new part is wrong, as they can beside it",
	Run:   runFeedback,
}

var (
	surfaceEnding = lazy.New(`(?i)\.(?:tsx|jsx|vue|svelte|astro|erb|haml|slim|blade\.php|twig|cshtml|razor|hbs|jinja2?|j2|html|dart|swift)$`)
	notAPart      = lazy.New(`(?i)(?:^|/)(?:index|layout|_layout|app|main|root|error|loading|not-?found|types?|styles?|icons?|skeleton)\.|(?:^|/)(?:icons?|ui|primitives|hooks|layouts?)/|(?:provider|context|layout|skeleton|icon|modal|dialog|button|form|field|input)\.\w+$`)
	// channel is a tag, a partial or a widget through which users answer back.
	channel = lazy.New(`(?i)<[\w.-]*(?:feedback|thumbs|was-?this-?helpful|helpful(?:ness)?-?(?:bar|vote|buttons?)|rate-?(?:this|answer|response)|answer-?rating|response-?rating|report-?(?:answer|problem|issue|content)|survey)[\w.-]*[\s/>]|(?:render|include|partial|component|embed|extends)\b[^\n]{0,60}["'/_](?:\w*_)?(?:feedback|thumbs|helpful|survey|report_problem)\w*|\b\w*(?:Feedback|Thumbs)(?:Bar|Buttons?|Row|Widget|View|Control|s)?\(`)
	tag     = lazy.New(`<([A-Z][\w.]*|[a-z]+(?:-[a-z0-9]+)+)|(?:render|include|partial|layout:?|extends)\b[^\n"']{0,30}["']([\w./-]+)["']`)
	// byModel is what shows the words of a model.
	byModel = lazy.New(`\buse(?:Chat|Completion|Assistant|Model\w*|AI\w*|Ai\w*|LLM\w*|Llm\w*|Generat\w+|Answer\w*|Summar\w+|Suggest\w+)\s*\(|/(?:ai|llm|model|chat|completions?|assistant)/|(?i:\b(?:ai|llm)[_-]?(?:answer|response|summary|suggestion|text)\b)`)
)

// maxSurface bounds the parts of the surface that are read.
const maxSurface = 3000

func runFeedback(pass *detectors.Pass) error {
	var fresh []*branch.File
	told := map[string]bool{}
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	for _, f := range pass.Branch.Files {
		told[f.Path] = feedbackBeside(pass, f, paths)
		if f.Status == branch.Added && isPart(f.Path) && !f.Generated && !f.Vendored && !f.Binary && !f.TooLarge {
			fresh = append(fresh, f)
		}
	}
	if len(fresh) == 0 {
		return detectors.ErrNotApplicable
	}
	s := &surface{pass: pass, byName: map[string][]string{}, texts: map[string]string{}, has: map[string]bool{}, tags: map[string][]string{}}
	if err := s.read(); err != nil {
		return err
	}
	if s.channels < 2 {
		return nil // nothing here answers back
	}
	for _, f := range fresh[:min(len(fresh), 50)] {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if !told[f.Path] {
			s.judge(f)
		}
	}
	return nil
}

func isPart(p string) bool {
	return surfaceEnding.MatchString(p) && !notAPart.MatchString(p) && !source.IsTest(p) && !source.IsExample(p) && !source.IsDoc(p) && !shownMail.MatchString(p)
}

var shownMail = lazy.New(`(?i)(?:^|/)(?:e?mails?|mailers?|\w+_mailer)/`)

// surface is what the product shows, at the head.
type surface struct {
	pass *detectors.Pass
	// byName are the files of a part by its name, written as one word in lower case.
	byName map[string][]string
	parts  []string
	texts  map[string]string
	has    map[string]bool
	// tags are the parts that each one is made of, by their names; channels is how many have a channel of their own.
	tags     map[string][]string
	channels int
}

// partName is the name of a part: AiCard.tsx, ai-card.vue and _ai_card.html.erb are all aicard.
func partName(p string) string {
	base, _, _ := strings.Cut(path.Base(p), ".")
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(base))
}

func (s *surface) read() error {
	paths, err := s.pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	for _, p := range paths {
		if surfaceEnding.MatchString(p) && !source.IsTest(p) && !strings.Contains("/"+p, "/node_modules/") {
			s.byName[partName(p)] = append(s.byName[partName(p)], p)
			if partName(p) == "index" {
				s.byName[partName(path.Dir(p))] = append(s.byName[partName(path.Dir(p))], p)
			}
			s.parts = append(s.parts, p)
		}
	}
	if len(s.parts) > maxSurface {
		return detectors.Inconclusive("more than %d templates and components", maxSurface)
	}
	for _, p := range s.parts {
		if err := s.pass.Context.Err(); err != nil {
			return err
		}
		if channel.MatchString(s.text(p)) {
			s.channels++
		}
	}
	return nil
}

// madeOf are the names of the parts that a part renders.
func (s *surface) madeOf(p string) []string {
	list, ok := s.tags[p]
	if !ok {
		for _, m := range tag.FindAllStringSubmatch(s.text(p), 100) {
			name := partName(m[1] + m[2])
			if !slices.Contains(list, name) {
				list = append(list, name)
			}
		}
		s.tags[p] = list
	}
	return list
}

func (s *surface) text(p string) string {
	t, ok := s.texts[p]
	if !ok {
		data, err := s.pass.Branch.ReadHead(p)
		if err == nil && len(data) < 256<<10 {
			t = string(data)
		}
		s.texts[p] = t
	}
	return t
}

// answersBack says whether a part has a channel, its own or one of the parts that it is made of.
func (s *surface) answersBack(p string, depth int) bool {
	if has, ok := s.has[p]; ok {
		return has
	}
	has := channel.MatchString(s.text(p))
	if !has && depth < 3 {
		for _, name := range s.madeOf(p) {
			files := s.byName[name]
			if len(files) > 4 || slices.Contains(files, p) {
				continue
			}
			if slices.ContainsFunc(files, func(q string) bool { return s.answersBack(q, depth+1) }) {
				has = true
				break
			}
		}
	}
	if depth == 0 || has {
		s.has[p] = has
	}
	return has
}

// judge compares a new part with those that stand beside it.
func (s *surface) judge(f *branch.File) {
	if s.answersBack(f.Path, 0) {
		return
	}
	users := s.usersOf(f.Path)
	if slices.ContainsFunc(users, func(p string) bool { return channel.MatchString(s.text(p)) }) {
		return // the page around it has one for all
	}
	for _, beside := range s.families(f, users) {
		if len(beside) < 2 || slices.ContainsFunc(beside, func(p string) bool { return !s.answersBack(p, 0) }) {
			continue
		}
		var related []detectors.Related
		for _, p := range beside[:min(3, len(beside))] {
			related = append(related, detectors.Related{Path: p, Line: s.channelLine(p), Message: "has one"})
		}
		s.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: 1, Symbol: partOf(f.Path),
			Message: fmt.Sprintf("users cannot say that %s is wrong, as they can on the %d beside it", partOf(f.Path), len(beside)),
			Why:     "What is wrong with it stays unknown until somebody complains elsewhere; nobody's judgement comes back.",
			Fix:     "Give it the same way to answer that the others have.",
			Related: related, Evidence: []string{partOf(f.Path)},
		})
		return
	}
}

func partOf(p string) string {
	base, _, _ := strings.Cut(path.Base(p), ".")
	return base
}

func (s *surface) channelLine(p string) int {
	if m := channel.FindStringIndex(s.text(p)); m != nil {
		return 1 + strings.Count(s.text(p)[:m[0]], "\n")
	}
	return 1
}

// usersOf are the parts that render another one.
func (s *surface) usersOf(p string) []string {
	var list []string
	name := partName(p)
	for _, q := range s.parts {
		if q == p {
			continue
		}
		if slices.Contains(s.madeOf(q), name) {
			list = append(list, q)
		}
	}
	return list
}

// families are the parts that a new one may be compared with: what the same page shows beside it, what shows a model's words as
// it does, what lies in the same folder, and what lies in the folders beside it.
func (s *surface) families(f *branch.File, users []string) [][]string {
	old := func(p string) bool {
		changed := s.pass.Branch.File(p)
		return p != f.Path && (changed == nil || changed.Status != branch.Added) && isPart(p)
	}
	var list [][]string
	for _, page := range users {
		var beside []string
		for _, name := range s.madeOf(page) {
			files := slices.DeleteFunc(slices.Clone(s.byName[name]), func(p string) bool { return !old(p) })
			if len(files) == 1 && !slices.Contains(beside, files[0]) {
				beside = append(beside, files[0])
			}
		}
		list = append(list, beside)
	}
	var alike, folder, folders []string
	dir, top := path.Dir(f.Path), path.Dir(path.Dir(f.Path))
	model := byModel.MatchString(s.text(f.Path))
	for _, p := range s.parts {
		if !old(p) {
			continue
		}
		if model && byModel.MatchString(s.text(p)) {
			alike = append(alike, p)
		}
		switch {
		case path.Dir(p) == dir:
			folder = append(folder, p)
		case path.Dir(path.Dir(p)) == top && top != "." && path.Dir(p) != top:
			folders = append(folders, p)
		}
	}
	return append(list, alike, folder, folders)
}
