package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// sentAs says for a literal under which names the code around it sends it: the names of the call that it is an argument of,
// or that its variable is handed to in the same function, and of the queue on which that call is made.
func sentAs(f *source.File, o *source.Object, sending []*source.Call, uses []topicUse) (topics []string, sent bool) {
	for _, c := range sending {
		inside := c.Span.Start <= o.Span.Start && c.Span.End >= o.Span.End
		handed := o.In != nil && c.In == o.In && c.Span.Start > o.Span.Start && handsOver(c, o.Name)
		if !inside && !handed {
			continue
		}
		for _, u := range uses {
			if u.dir != subscribes && (u.line == c.Span.Line && u.call == c.Full() || u.dir == bothEnds && declaredOn(f, c.Receiver, u.line)) {
				sent = true
				topics = append(topics, u.name)
			}
		}
	}
	return topics, sent
}

var variableName = lazy.New(`^[A-Za-z_$][\w$]*$`)

// handsOver says that a call is given a variable, as it is or encoded: produce(topic, json.dumps(event)).
func handsOver(c *source.Call, variable string) bool {
	if !variableName.MatchString(variable) {
		return false
	}
	return slices.ContainsFunc(c.Args, func(a source.Arg) bool {
		return len(a.Text) < 400 && slices.Contains(identifiers(a.Text), variable)
	})
}

var identifier = lazy.New(`[A-Za-z_$][\w$]*`)

func identifiers(text string) []string { return identifier.FindAllString(text, 200) }

// declaredOn says that the variable on which a call is made is declared on a line.
func declaredOn(f *source.File, receiver string, line int) bool {
	last := receiver[strings.LastIndexByte(receiver, '.')+1:]
	return slices.ContainsFunc(f.Decls, func(d *source.Decl) bool {
		return d.Name == last && d.Span.Line <= line && d.Span.EndLine >= line
	})
}

// publishedTypes finds under which names each changed type is sent: by files of either side that name it in a function which
// publishes.
func (s *survey) publishedTypes(pass *detectors.Pass) error {
	for _, c := range s.changes {
		if c.old.reply || c.old.dialect == "schema" {
			continue
		}
		owner := c.new.owner[strings.LastIndexByte(c.new.owner, '.')+1:]
		naming, err := pass.Source.Naming(pass.Context, owner)
		if err != nil {
			return err
		}
		at := side{pass.Branch, pass.Source, false}
		for i, p := range naming[owner] {
			if i >= 20 || !declares(p) || source.LanguageOf(p) != source.LanguageOf(c.new.path) {
				continue
			}
			f := at.file(p)
			if f == nil {
				continue
			}
			c.takers = append(c.takers, takersIn(f, owner)...)
			uses := slices.DeleteFunc(topicUses(at, f), func(u topicUse) bool { return u.dir == subscribes })
			if len(uses) == 0 {
				continue
			}
			c.old.topics = append(c.old.topics, sentBy(f, owner, uses)...)
		}
	}
	return nil
}

// sentBy are the names to which the functions of a file that name a type send: those in the function itself, or, where it sends
// on something that was set up elsewhere in the file, all that the file sends to.
func sentBy(f *source.File, owner string, uses []topicUse) []string {
	var own, all []string
	sends := false
	for _, u := range uses {
		all = append(all, u.name)
		if d := functionAt(f, u.line); d != nil && slices.Contains(identifiers(string(f.Text[d.Span.Start:d.Span.End])), owner) {
			own = append(own, u.name)
		}
	}
	for _, c := range f.Calls {
		if messageCalls[c.Name] != publishes && helperCall(c) != publishes || slices.Contains(generalCalls, c.Name) && !generalOwner.MatchString(c.Receiver) {
			continue
		}
		d := functionAt(f, c.Span.Line)
		sends = sends || d != nil && slices.Contains(identifiers(string(f.Text[d.Span.Start:d.Span.End])), owner)
	}
	if own == nil && sends {
		return all
	}
	return own
}

// functionAt is the innermost function around a line.
func functionAt(f *source.File, line int) *source.Decl {
	var found *source.Decl
	for _, d := range f.Decls {
		if (d.Kind == source.Function || d.Kind == source.Method) && d.Span.Line <= line && d.Span.EndLine >= line {
			found = d
		}
	}
	return found
}

// heardOn gives each record of a file the names that the code around it listens on: its handler's, those of its function, or
// else all of the file's.
func heardOn(at side, f *source.File, found []*record) {
	uses := slices.DeleteFunc(topicUses(at, f), func(u topicUse) bool { return u.dir == publishes })
	if len(uses) == 0 {
		return
	}
	for _, r := range found {
		var near, around, all []string
		fn := functionAt(f, r.line)
		for _, u := range uses {
			switch {
			case u.first <= r.line && u.last >= r.line:
				near = append(near, u.name)
			case fn != nil && fn.Span.Line <= u.line && fn.Span.EndLine >= u.line:
				around = append(around, u.name)
			default:
				all = append(all, u.name)
			}
		}
		switch {
		case near != nil:
			r.topics = near
		case around != nil:
			r.topics = around
		default:
			r.topics = all
		}
	}
}

// received is the text by which a program takes a message apart: what a record's keys are read from.
var received = lazy.New(`json\.loads\(|JSON\.parse\(|orjson\.loads\(|msgpack\.|\.json\(\)|json\.Unmarshal\(|\.decode\(|deserializ|\["detail"\]|\['detail'\]|\.detail\b|\.data\b|\["data"\]|\.body\b|\["body"\]|\.payload\b|\["payload"\]|\["Message"\]|\.value\(\)|\bfields\b`)

// bearing compares what a shape is sent as with what the code around a record listens on.
type bearing int

const (
	unnamed   bearing = iota // one side names nothing
	sameTopic                // a name of both
	elsewhere                // other names
)

func (c *change) bearing(r *record) bearing {
	if len(c.old.topics) == 0 || len(r.topics) == 0 {
		return unnamed
	}
	for _, a := range c.old.topics {
		for _, b := range r.topics {
			if sameName(a, b) {
				return sameTopic
			}
		}
	}
	return elsewhere
}

// sameName compares two names of topics; a subject's wildcards (* and > of NATS, * and # of AMQP) stand for any word.
func sameName(a, b string) bool {
	if a == b {
		return true
	}
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		if i >= len(x) || i >= len(y) {
			return false
		}
		if x[i] == ">" || y[i] == ">" || x[i] == "#" || y[i] == "#" {
			return i > 0
		}
		if x[i] != y[i] && (i == 0 || x[i] != "*" && y[i] != "*") {
			return false
		}
	}
	return true
}
