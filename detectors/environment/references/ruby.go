package references

// References in Ruby: ENV, Rails' credentials and config_for, and its secrets.

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	credentials = lazy.New(`^(Rails\.application\.credentials|Rails\.application\.secrets)((\.\w+[!?]?|\[[:"']\w+["']?\])*)$`)
	segments    = lazy.New(`\w+`)
)

func (r *reader) ruby() {
	for _, a := range r.Accesses {
		if a.Key && !a.Write && (a.Receiver == "ENV" || upperName.MatchString(a.Name) && r.stands(a.Receiver)) && strings.HasPrefix(r.textAt(a.Span), a.Receiver+"[") {
			r.read(source.Arg{Str: a.Name, IsString: true}, a.Span, a.In, form{})
		}
	}
	r.subscripts(append([]string{"ENV"}, r.standingNames()...), func(key source.Arg, span source.Span, in *source.Decl) { r.read(key, span, in, form{}) })
	for _, c := range r.Calls {
		arg, ok := first(c)
		switch {
		case ok && (c.Receiver == "ENV" || shown(arg) && r.stands(c.Receiver)):
			r.environmentCall(c, arg)
		case strings.HasPrefix(c.Receiver, "Rails.application.credentials") || strings.HasPrefix(c.Receiver, "Rails.application.secrets"):
			r.credential(c)
		case (c.Name == "require_keys" || c.Name == "required_keys") && (c.Receiver == "Dotenv" || c.Receiver == "Figaro"):
			for _, a := range c.Args {
				r.listed(a, c, use{fails: true})
			}
		case c.Name == "config_for" && ok && arg.IsString:
			ref := use{fails: true}.reference(arg.Str, c.Span.Line)
			ref.Key, ref.Place = true, r.place(c.In, "")
			r.refs = append(r.refs, ref)
		}
	}
}

func (r *reader) environmentCall(c *source.Call, arg source.Arg) {
	switch c.Name {
	case "fetch":
		how := form{fails: true}
		if len(c.Args) > 1 {
			text := c.Args[1].Text
			switch {
			case nothing(text):
				how = form{}
			case c.Args[1].IsFunc && rubyStops.MatchString(text):
			case c.Args[1].IsFunc:
				how = form{fallback: strings.Trim(strings.TrimPrefix(strings.Trim(strings.TrimPrefix(text, "do"), " {}\n"), "|_|"), " ")}
			default:
				how = form{fallback: text}
			}
			if how.fallback == "" && !how.fails {
				how.optional = c.Args[1].IsFunc
			}
		}
		r.read(arg, c.Span, c.In, how)
	case "key?", "has_key?", "include?", "member?":
		r.read(arg, c.Span, c.In, form{asks: true})
	case "dig", "values_at", "slice", "delete":
		for _, a := range c.Args {
			r.read(a, c.Span, c.In, form{})
		}
	}
}

var rubyStops = lazy.New(`\b(raise|abort|fail|exit)\b`)

// credential reads the encrypted credentials: credentials.stripe[:key], credentials.dig(:aws, :key), credentials.fetch(:x).
func (r *reader) credential(c *source.Call) {
	m := credentials.FindStringSubmatch(c.Receiver)
	if m == nil || len(c.Receiver) > 200 {
		return
	}
	words := segments.FindAllString(m[2], -1)
	fails := strings.HasSuffix(c.Name, "!")
	switch c.Name {
	case "dig", "fetch":
		for _, a := range c.Args {
			if a.IsString {
				words = append(words, a.Str)
			}
		}
		fails = c.Name == "fetch" && len(c.Args) == 1
	case "config", "to_h", "present?", "blank?", "nil?", "key?", "each", "freeze":
		return
	default:
		words = append(words, strings.TrimRight(c.Name, "!?"))
		rest := string(r.Text[min(len(r.Text), c.Span.End):min(len(r.Text), c.Span.End+60)])
		if strings.HasPrefix(rest, "[") || strings.HasPrefix(rest, ".") && !rubyUse.MatchString(rest) {
			if bracket, _, ok := strings.Cut(strings.TrimPrefix(rest, "["), "]"); ok && strings.HasPrefix(rest, "[") {
				words = append(words, strings.Trim(bracket, ":\"'"))
			} else {
				return // the longer path is another call
			}
		}
	}
	if len(words) == 0 {
		return
	}
	u := r.use(c.Span, form{fails: fails})
	ref := u.reference("credentials."+strings.Join(words, "."), c.Span.Line)
	ref.Key, ref.Place = true, r.place(c.In, u.taker)
	r.refs = append(r.refs, ref)
}

var rubyUse = lazy.New(`^\.(present\?|blank\?|nil\?|to_s|to_i|presence|strip|freeze|to_sym)`)
