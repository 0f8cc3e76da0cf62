package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors/contracts/pyapi"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// The calls by which programs send background tasks, and what they pass to them.

type sentTask struct {
	line   int
	passed pyapi.Passed
}

var (
	// byObject are methods of the task itself: Celery's delay, Dramatiq's send, Huey's schedule, Taskiq's kiq.
	byObject = lazy.New(`^(delay|delay_on_commit|apply_async|apply_async_on_commit|apply|s|si|signature|send|send_with_options|message|message_with_options|kiq|schedule|enqueue|defer|defer_async)$`)
	// bundled are those which take the arguments as a tuple and a dict instead of as they are.
	bundled = lazy.New(`^(apply_async|apply_async_on_commit|apply|signature|send_with_options|message_with_options|send_task|schedule|subtask|sendTask|DelayKwargs|applyAsync)$`)
	// sentByName are calls that are given the task's name, or the function as a value (RQ).
	sentByName = lazy.New(`^(send_task|signature|subtask|enqueue|enqueue_in|enqueue_at|enqueue_call|enqueue_job|sendTask|DelayKwargs|assert_called_with|assert_called_once_with|assert_any_call|assert_has_calls)$`)
	// performs are Ruby's.
	performs = lazy.New(`^(perform_later|perform_async|perform_now|perform_in|perform_at|perform_bulk)$`)
	// ownOptions are arguments of the sending call, not of the task.
	ownOptions = []string{"job_timeout", "result_ttl", "ttl", "failure_ttl", "depends_on", "job_id", "at_front", "meta", "retry", "on_success", "on_failure", "description", "timeout",
		"countdown", "eta", "expires", "queue", "priority", "routing_key", "exchange", "link", "link_error", "headers", "serializer", "ignore_result", "task_id", "delay",
		"_job_id", "_queue_name", "_defer_until", "_defer_by", "_expires", "_job_try", "immutable", "options", "broker_options", "producer", "connection", "soft_time_limit", "time_limit", "shadow", "chain", "retry_policy", "compression", "add_to_parent", "debounce"}
)

// sentIn are the places of a file that send the task.
func (t task) sentIn(f *source.File) []sentTask {
	var list []sentTask
	put := func(line int, p pyapi.Passed, ok bool) {
		if ok && !p.Open {
			list = append(list, sentTask{line, p})
		}
	}
	for _, c := range f.Calls {
		receiver := c.Receiver[strings.LastIndexAny(c.Receiver, ".:")+1:]
		switch {
		case t.lang == source.Ruby:
			if performs.MatchString(c.Name) && f.Lang == source.Ruby && t.isReceiver(c.Receiver) {
				put(c.Span.Line, performed(c), true)
			}
		case t.declared && byObject.MatchString(c.Name) && receiver == t.word && f.Lang == source.Python && t.imported(f):
			p, ok := t.given(f, c, c.Args)
			put(c.Span.Line, p, ok)
		case sentByName.MatchString(c.Name) && len(c.Args) > 0:
			first := c.Args[0]
			named := first.IsString && slices.Contains(t.names, first.Str) && (strings.Contains(first.Str, ".") || compound(first.Str) || f.Lang == source.Python)
			function := !first.IsString && first.Text[strings.LastIndexByte(first.Text, '.')+1:] == t.word && f.Lang == source.Python && t.imported(f)
			if named || function {
				p, ok := t.given(f, c, c.Args[1:])
				put(c.Span.Line, p, ok)
			}
		}
	}
	for _, o := range f.Objects { // an entry of a schedule: {"task": "x.y", "kwargs": {...}}
		name, args := keyOf(o, "task"), keyOf(o, "kwargs")
		if name == nil || keyOf(o, "schedule") == nil {
			continue
		}
		if m := quotedAll.FindStringSubmatch(name.Value); m == nil || !slices.Contains(t.names, m[1]+m[2]) {
			continue
		}
		p := pyapi.Passed{}
		if list := keyOf(o, "args"); list != nil {
			p.Positional = count(list.Value)
		}
		if args != nil {
			if args.Child == nil || args.Child.Spread {
				continue
			}
			p.Keywords = keysOfObject(args.Child)
		}
		put(o.Span.Line, p, true)
	}
	return list
}

// isReceiver says that a Ruby call is made on the job's class, maybe with options before it.
func (t task) isReceiver(receiver string) bool {
	class, _, _ := strings.Cut(receiver, ".")
	return class == t.names[0] || class[strings.LastIndexByte(class, ':')+1:] == t.word
}

// performed is what a Ruby job is sent with; the first argument of perform_in and perform_at is the time.
func performed(c *source.Call) pyapi.Passed {
	var p pyapi.Passed
	hash := false
	for i, a := range c.Args {
		switch {
		case i == 0 && (c.Name == "perform_in" || c.Name == "perform_at"):
		case strings.HasPrefix(a.Text, "*") || strings.HasPrefix(a.Text, "&") || c.Name == "perform_bulk":
			p.Open = true
		case a.Keyword != "":
			p.Keywords = append(p.Keywords, a.Keyword)
		case strings.Contains(a.Text, "=>") && !strings.HasPrefix(a.Text, "{"):
			if !hash {
				hash = true
				p.Positional++
			}
		default:
			p.Positional++
		}
	}
	return p
}

// given is what a call hands to the task, false where that cannot be told.
func (t task) given(f *source.File, c *source.Call, args []source.Arg) (pyapi.Passed, bool) {
	var p pyapi.Passed
	whole := bundled.MatchString(c.Name) || strings.HasPrefix(c.Name, "assert_")
	place := 0
	for _, a := range args {
		switch {
		case strings.HasPrefix(a.Text, "*"):
			return p, false
		case a.Keyword == "kwargs" || a.Keyword == "kw" || whole && a.Keyword == "" && place == 1 || c.Name == "DelayKwargs":
			place++
			names, ok := keywordsIn(f, c, a)
			if !ok {
				return p, false
			}
			p.Keywords = append(p.Keywords, names...)
		case a.Keyword == "args" || whole && a.Keyword == "":
			place++
			if strings.HasPrefix(a.Text, "{") && place == 1 {
				return p, false
			}
			if !strings.HasPrefix(a.Text, "[") && !strings.HasPrefix(a.Text, "(") || strings.Contains(a.Text, "*") {
				if a.Text == "None" || a.Text == "null" {
					continue
				}
				return p, false
			}
			p.Positional += count(a.Text)
		case a.Keyword != "":
			if !slices.Contains(ownOptions, a.Keyword) && !whole {
				p.Keywords = append(p.Keywords, a.Keyword)
			}
		default:
			p.Positional++
		}
	}
	return p, true
}

// keywordsIn are the keys of a dict that is written as an argument, or in the same function under the argument's name.
func keywordsIn(f *source.File, c *source.Call, a source.Arg) ([]string, bool) {
	text := strings.TrimSpace(a.Text)
	if text == "None" || text == "{}" || text == "null" || text == "nil" {
		return nil, true
	}
	var found *source.Object
	for _, o := range f.Objects {
		inside := o.Span.Start >= a.Span.Start && o.Span.End <= a.Span.End
		if inside && (found == nil || o.Span.Start < found.Span.Start) || !inside && o.Name == text && o.In == c.In && o.Span.Start < c.Span.Start && variableName.MatchString(text) {
			found = o
		}
	}
	if found != nil {
		if variableName.MatchString(text) && rewritten(f, c, found, text) {
			return nil, false
		}
		return keysOfObject(found), !found.Spread
	}
	if strings.HasPrefix(text, "dict(") {
		for _, d := range f.Calls {
			if d.Name == "dict" && d.Span.Start >= a.Span.Start && d.Span.End <= a.Span.End {
				p := pyapi.PassedBy(d.Args)
				return p.Keywords, !p.Open && p.Positional == 0
			}
		}
	}
	return nil, false
}

// rewritten says that a variable gets more keys between its literal and the call.
func rewritten(f *source.File, c *source.Call, o *source.Object, name string) bool {
	between := string(f.Text[o.Span.End:max(o.Span.End, c.Span.Start)])
	return strings.Contains(between, name+"[") || strings.Contains(between, name+".update") || strings.Contains(between, name+" =")
}

func keysOfObject(o *source.Object) []string {
	var names []string
	for _, k := range o.Keys {
		names = append(names, strings.Trim(k.Name, `"'`))
	}
	return names
}

// count is how many values a written tuple or list holds.
func count(text string) int {
	text = strings.TrimSpace(text)
	if len(text) < 2 {
		return 0
	}
	text = strings.TrimRight(strings.TrimSpace(text[1:len(text)-1]), ", \n\t")
	if text == "" {
		return 0
	}
	n, depth := 1, 0
	var quote rune
	for _, r := range text {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case strings.ContainsRune("([{", r):
			depth++
		case strings.ContainsRune(")]}", r):
			depth--
		case r == ',' && depth == 0:
			n++
		}
	}
	return n
}
