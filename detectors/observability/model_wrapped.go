package observability

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Functions of the repository that ask a model, and what becomes of their answers.

// maxAsking bounds the functions that are known to ask a model, and the files that are read to find them.
const maxAsking = 24

// modelWords are names of models' libraries where no import says it.
var modelWords = []string{"OpenAI", "Anthropic", "RubyLLM", "Prism"}

// asking are the functions in which the code of a language family asks a model, in files of the service and what it shares.
func (l *lookup) asking(from *source.File) []place {
	fam := family(from.Lang)
	if list, ok := l.askers[fam]; ok {
		return list
	}
	var files []string
	add := func(word string) {
		for _, p := range l.naming(word) {
			if family(source.LanguageOf(p)) == fam && !isOffline(p) && !slices.Contains(files, p) {
				files = append(files, p)
			}
		}
	}
	for _, m := range l.tables.models {
		if !slices.Contains(m.Languages, fam) {
			continue
		}
		for _, i := range m.Imports {
			i = strings.Trim(i, "@/")
			add(i[strings.LastIndexByte(i, '/')+1:])
		}
	}
	for _, w := range modelWords {
		add(w)
	}
	var list []place
	for _, p := range closest(from.Path, files, maxAsking) {
		f := l.read(p)
		if f == nil {
			continue
		}
		for _, c := range f.Calls {
			if c.In == nil || c.In.Kind == source.Class || !l.isModelCall(f, c) {
				continue
			}
			if at := (place{f, c.In}); !slices.Contains(list, at) && len(list) < maxAsking {
				list = append(list, at)
			}
		}
	}
	l.askers[fam] = list
	return list
}

// throughOthers adds the functions that hand the answer of one that asks a model on: at most one step further.
func (l *lookup) throughOthers(list []place) []place {
	all := slices.Clone(list)
	for _, p := range list {
		for _, q := range closest(p.file.Path, l.naming(p.ownerOrName()), manyNames) {
			f := l.read(q)
			if f == nil || family(f.Lang) != family(p.file.Lang) {
				continue
			}
			for _, c := range f.Calls {
				if at := (place{f, c.In}); c.In != nil && c.In.Kind != source.Class && c.In != p.decl && p.calledBy(f, c) && !slices.Contains(all, at) && len(all) < 2*maxAsking {
					all = append(all, at)
				}
			}
		}
	}
	return all
}

// owner is the type or class of a method, "" for a function.
func (p place) owner() string {
	if p.decl.Receiver != "" {
		return p.decl.Receiver
	}
	if p.decl.Parent != nil && p.decl.Parent.Kind != source.Function {
		return p.decl.Parent.Name
	}
	return ""
}

func (p place) ownerOrName() string {
	if o := p.owner(); o != "" {
		return o
	}
	return p.decl.Name
}

// common are names of methods that many classes have: the receiver has to say whose it is.
var common = lazy.New(`(?i)^(?:call|run|perform|execute|ask|get|process|handle|invoke|json|parse|complete|completion|chat|generate|send|answer|query|prompt|text|stream|new|create|__call__|__invoke)$`)

// calledBy says whether a call of a file is one of the function.
func (p place) calledBy(f *source.File, c *source.Call) bool {
	if c.Name != p.decl.Name || len(c.Name) < 3 || c.New {
		return false
	}
	owner := p.owner()
	if owner == "" {
		return !common.MatchString(c.Name) || f == p.file || importsPath(f, p.file.Path) || path.Dir(f.Path) == path.Dir(p.file.Path)
	}
	if !common.MatchString(c.Name) {
		return true
	}
	folded := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }
	if strings.Contains(folded(c.Receiver), folded(owner)) {
		return true
	}
	ids := identifiers(c.Receiver)
	if len(ids) == 0 {
		return false
	}
	last := strings.Trim(ids[len(ids)-1], "@$")
	for _, d := range f.Decls {
		if d.Name == last && strings.Contains(d.Type, owner) {
			return true
		}
		for _, param := range d.Params {
			if strings.Trim(param.Name, "$@") == last && (strings.Contains(param.Type, owner) || strings.Contains(param.Default, owner)) {
				return true
			}
		}
	}
	return false
}

// answersActedOn reports functions of the branch that begin to act on the answer of a function that asks a model.
func (l *lookup) answersActedOn(changed []side) {
	for _, s := range changed {
		if s.head == nil || !l.nearModel(s.head) {
			continue
		}
		askers := l.throughOthers(l.asking(s.head))
		told := map[*source.Decl]bool{}
		for _, c := range s.head.Calls {
			if c.In == nil || c.In.Kind == source.Class || told[c.In] || !s.change.TouchedRange(c.In.Span.Line, c.In.Span.EndLine) || l.isModelCall(s.head, c) {
				continue
			}
			i := slices.IndexFunc(askers, func(p place) bool { return p.decl != c.In && p.calledBy(s.head, c) })
			if i < 0 || sureness.MatchString(blankComments(askers[i].file, askers[i].span())) || !answerUse(s.head, c).decides() || s.base != nil && decidedBefore(s.base, c) {
				continue
			}
			told[c.In] = true
			if l.actedOn[askers[i].decl] {
				continue
			}
			f := detectors.Finding{
				Severity: detectors.Warning, Path: s.head.Path, Line: c.Span.Line, EndLine: c.Span.EndLine, Symbol: c.In.Name,
				Message:  fmt.Sprintf("%s acts on a model's answer (%s), and nothing records how sure it is or lets somebody judge a sample", c.In.Name, clip(c.Full())),
				Why:      "A model that drifts or errs raises no error: what it decides is done, and nobody sees that it is wrong.",
				Fix:      "Act only above a confidence, count the verdicts, and give the unsure ones and a sample of the others to a person.",
				Evidence: []string{kindModel, c.Full(), c.In.Name},
			}
			if p := askers[i]; l.added(p.file.Path) && p.file != s.head && !hasPromptParam(p.decl) {
				f.Related = []detectors.Related{{Path: p.file.Path, Line: p.decl.Span.Line, Message: p.decl.Name + " asks the model"}}
			}
			l.pass.Report(f)
		}
	}
}

// hasPromptParam says whether a function asks whatever it is given: it serves many questions and decides on none.
func hasPromptParam(d *source.Decl) bool {
	return slices.ContainsFunc(d.Params, func(p source.Param) bool { return promptName.MatchString(p.Name) })
}

var promptName = lazy.New(`(?i)prompt|system|instruction|messages`)

// nearModel says cheaply whether the code of a file's language asks models at all.
func (l *lookup) nearModel(f *source.File) bool { return len(l.asking(f)) > 0 }

// answerUse is the code in which the answer of a call stands.
func answerUse(f *source.File, c *source.Call) use {
	return use{file: f, span: c.In.Span, names: derived(f, c.In.Span, c.Span), asked: c.Span}
}

// decidedBefore says whether the function of that name acted on the answer already.
func decidedBefore(base *source.File, call *source.Call) bool {
	return slices.ContainsFunc(base.Calls, func(c *source.Call) bool {
		return c.Name == call.Name && c.In != nil && c.In.Name == call.In.Name && answerUse(base, c).decides()
	})
}

// recordedBeside is a function of the service that asks a model too and leaves a metric or a span, or logs what it cost; nil
// for none.
func (l *lookup) recordedBeside(t *trigger) *place {
	for _, p := range l.asking(t.file) {
		if p.decl == t.decl || p.file == t.file && t.decl == nil || !l.near(t.file.Path, p.file.Path) || l.added(p.file.Path) {
			continue
		}
		if s := l.signalsIn(p.file, p.span(), 1); s.has(metered|spanned) || s.has(logged) && measured.MatchString(blankComments(p.file, p.span())) {
			return &p
		}
	}
	return nil
}
