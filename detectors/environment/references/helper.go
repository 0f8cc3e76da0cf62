package references

// The repository's own readers of variables, learnt from their definitions, also those that only call another one.

import (
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// Helper is a function of the repository that reads the variable whose name it is given.
type Helper struct {
	Name string
	// owner is the type that it is a method of, or the file that it stands in.
	owner  string
	lang   source.Language
	params []source.Param
	// key is the index of the parameter with the name, fallback the one of the default, -1 without one.
	key, fallback int
	how           key
	use           use
}

// learn keeps a function as a helper: in hands its parameter to a read.
func (r *reader) learn(in *source.Decl, k key, u use) {
	h := Helper{Name: in.Name, owner: in.Receiver, lang: family(r.Lang), params: in.Params, key: -1, fallback: -1, how: k, use: u}
	for i, p := range in.Params {
		switch {
		case p.Name == k.param:
			h.key = i
		case h.key >= 0 && h.fallback < 0 && r.fallsBack(in, p.Name, u):
			h.fallback = i
		}
	}
	if h.key < 0 || in.Kind != source.Function && in.Kind != source.Method {
		return
	}
	if h.fallback >= 0 { // it deals with absence only where it is given what to take instead
		p := in.Params[h.fallback]
		h.use.optional = (h.use.optional || h.use.given) && p.Default != "" && !nothing(p.Default)
		h.use.given, h.use.fallback = h.use.optional, p.Default
	}
	if len(in.Results) == 1 && yesOrNo.MatchString(in.Results[0]) && len(in.Params) == 1 && !u.fails {
		h.use.optional = true
	}
	if (h.use.typ == Raw || h.use.typ == Text) && len(in.Results) > 0 {
		h.use.typ = typeNamed(in.Results[0])
	}
	for _, other := range r.learned {
		if other.Name == h.Name && len(other.params) == len(h.params) && other.lang == h.lang {
			return
		}
	}
	r.learned = append(r.learned, h)
}

var (
	fallbackName = lazy.New(`(?i)^\$?(def|default\w*|fall\w*|alt\w*|otherwise|or_?else|df?lt|init\w*|d|v|fb|def_?val\w*|value)$`)
	yesOrNo      = lazy.New(`^(bool|boolean|Boolean)$`)
)

// fallsBack says whether a parameter of a helper is what it gives when the variable is absent.
func (r *reader) fallsBack(in *source.Decl, name string, u use) bool {
	if strings.TrimSpace(u.fallback) == name || fallbackName.MatchString(name) {
		return true
	}
	if u.fallback != "" && strings.Contains(u.fallback, name) {
		return true
	}
	if in.Body.End <= in.Body.Start || in.Body.End > len(r.Text) {
		return false
	}
	body := string(r.Text[in.Body.Start:in.Body.End])
	return strings.Contains(body, "return "+name+"\n") || strings.Contains(body, "return "+name+";") || strings.Contains(body, "return "+name+" ")
}

// family is the language whose files call each other's functions.
func family(lang source.Language) source.Language {
	switch lang {
	case source.JavaScript:
		return source.TypeScript
	case source.Kotlin:
		return source.Java
	default:
		return lang
	}
}

// maxDepth bounds how many helpers may stand between a name and its read.
const maxDepth = 3

// Learn finds the helpers in files: functions that hand a parameter to a read, or to a helper.
func Learn(files []*source.File, constant func(string) string) []Helper {
	repo := &Repository{Constant: constant}
	for depth := range maxDepth {
		var fresh []Helper
		for _, f := range files {
			r := newReader(f, repo)
			if depth == 0 {
				r.collect()
			} else {
				r.helped()
			}
			fresh = append(fresh, r.learned...)
		}
		known := len(repo.Helpers)
		for _, h := range fresh {
			if !slices.ContainsFunc(repo.Helpers, func(o Helper) bool {
				return o.Name == h.Name && o.owner == h.owner && o.lang == h.lang && len(o.params) == len(h.params)
			}) {
				repo.Helpers = append(repo.Helpers, h)
			}
		}
		if len(repo.Helpers) == known {
			break
		}
	}
	return repo.Helpers
}

// helped finds the calls of helpers.
func (r *reader) helped() {
	if len(r.repo.Helpers) == 0 {
		return
	}
	byName := map[string][]Helper{}
	for _, h := range r.repo.Helpers {
		if h.lang == family(r.Lang) {
			byName[h.Name] = append(byName[h.Name], h)
		}
	}
	for _, c := range r.Calls {
		if list := byName[c.Name]; list != nil {
			if h, ok := fitting(list, c); ok {
				r.help(h, c)
			}
		}
	}
}

// common are names of functions that many types have: there the receiver has to speak of the environment.
var (
	common      = lazy.New(`(?i)^(get|fetch|read|value|string|int|bool|must|require|load|lookup|has|find|str|var|param|option)$`)
	ofSettings  = lazy.New(`(?i)(env|conf|settings?|cfg|secrets?|vars?)\w*$`)
	readsItself = lazy.New(`^(process|Deno|Bun|os|System|Environment|ENV|environ|viper)$`)
)

// fitting is the helper among those of one name that a call calls.
func fitting(list []Helper, c *source.Call) (Helper, bool) {
	var best *Helper
	for i, h := range list {
		if len(c.Args) <= h.key && !slices.ContainsFunc(c.Args, func(a source.Arg) bool { return a.Keyword == h.params[h.key].Name }) {
			continue
		}
		if len(c.Args) > len(h.params) && !h.params[len(h.params)-1].Variadic {
			continue
		}
		if common.MatchString(h.Name) && c.Receiver != "" && !ofSettings.MatchString(lastWord(c.Receiver)) && lastWord(c.Receiver) != h.owner {
			continue
		}
		if readsItself.MatchString(c.Receiver) {
			continue
		}
		if best == nil || len(h.params) < len(best.params) {
			best = &list[i]
		}
	}
	if best == nil {
		return Helper{}, false
	}
	return *best, true
}

func (r *reader) help(h Helper, c *source.Call) {
	arg := c.Args[min(h.key, len(c.Args)-1)]
	if a, ok := argument(c, h.params[h.key].Name); ok {
		arg = a
	} else if arg.Keyword != "" {
		return
	}
	k := r.keyOf(arg, c.In)
	how := form{fails: h.use.fails, optional: h.use.optional && !h.use.given, fallback: h.use.fallback, typ: h.use.typ}
	if h.use.given && how.fallback == "" {
		how.optional = true
	}
	if h.fallback >= 0 {
		if a, ok := argument(c, strings.TrimLeft(h.params[h.fallback].Name, "$")); ok {
			how.fallback = a.Text
		} else if h.fallback < len(c.Args) && c.Args[h.fallback].Keyword == "" {
			how.fallback = c.Args[h.fallback].Text
		}
		how.fails = how.fails && how.fallback == ""
	}
	u := r.use(c.Span, how)
	if k.param != "" {
		k.prefix, k.upper = h.how.prefix+k.prefix, k.upper || h.how.upper
		r.learn(c.In, k, u)
		return
	}
	name := h.how.full(k.name)
	if k.name == "" || !upperName.MatchString(name) {
		return
	}
	ref := u.reference(name, c.Span.Line)
	ref.Place = r.place(c.In, u.taker)
	r.refs = append(r.refs, ref)
}
