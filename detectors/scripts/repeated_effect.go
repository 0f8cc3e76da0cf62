package scripts

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// RepeatedEffect reports a job or script that charges, mails or posts for each of many things and keeps no mark of those
// that are done, nor gives the other side a key to tell a repeated call by.
var RepeatedEffect = &detectors.Detector{
	ID:    "scripts/repeated-effect",
	Title: "A run that is repeated charges, mails or posts once more",
	Run:   quoting(runRepeatedEffect),
}

var (
	// scheduledCode is code that a scheduler of the program itself starts.
	scheduledCode = lazy.New(`@Scheduled\b|@Cron\(|\bcron\.(schedule|Schedule|AddFunc|New)\b|\bCronJob\(|\bIJob\b|RecurringJob|\bBackgroundService\b|\bschedule\.every|@shared_task|@(app|celery)\.task|crontab\(|@Schedule\b|TimerTrigger|\bTickerProvider|Sidekiq::(Worker|Job)|<\s*ApplicationJob|implements\s+ShouldQueue|extends\s+Command\b|BaseCommand|@EnableScheduling|AsCommand|AsPeriodicTask|gocron|#\[AsCronTask|time\.NewTicker|setInterval\(`)
	jobPath       = lazy.New(`(?i)(^|[/_.-])(jobs?|cron(jobs?)?|tasks?|scripts?|bin|scheduled|scheduler|nightly|batch|commands?|cmd|workers?|schedules?|timers?|billing)([/_.-]|$)`)
	// marks are questions for what is not done yet, done what keeps the answer.
	marks      = lazy.New(`(?i)\bis\s+null\b|__isnull|\bisNull\(|whereNull|IsNull|IS_NULL|:\s*(nil|null|None)\b|==?=?\s*(nil|null|None)\b|\bis\s+None\b|not\s+exists|left\s+join|\bpending\b|\bunsent\b|\bunpaid\b|\bunbilled\b|uncharged|\bunprocessed\b|not_?(sent|charged|paid|billed|notified|processed)|without_?\w+|\.where\.missing|\.exclude\(|\bstatus\b|\bstate\b|sent_?at|charged_?at|paid_?at|notified_?at|processed_?at|\b(sent|charged|notified|billed|processed|reminded|done)\b\s*(=|==|:)\s*(false|0)|!\s*\w+\.?(sent|charged|notified|billed|processed)|already`)
	trialName  = lazy.New(`(?i)(^|[_-])(tests?|mock|demo|sample|load)([_.-]|$)`)
	remarkLine = lazy.New(`(?m)^\s*#.*$`)
	done       = lazy.New(`(?i)\bupdate\s+\S+\s+set\b|\.update\w*!?\(|\bbulk_update|execute_update|\.save\w*!?\b|SaveChanges|\binsert\s+into\b|\.insert\w*\(|\.create\w*!?\(|mark_?\w*\(|touch\(|\.set(Status|State|\w*At|Sent|Paid|Charged|Billed|Processed|Done|Notified)\w*\(|\w+_?At\s*=[^=]|\.status\s*=[^=]|\.persist\(|setnx|sadd|\.hset\(|ExecuteUpdate|set_status|\.(sent|charged|paid|billed|processed|notified|done)\s*=[^=]`)
	// answers are not marks: the status of a response, what an assignment or a write sets.
	answers = lazy.New(`(?i)\b(res|resp|response|r|reply|result|http\w*)\??\.(status|StatusCode|status_code|ok)\w*|["'\x60]\s*(update|insert)\b[^"'\x60]*["'\x60]|"""\s*(update|insert)\b.*?"""|\w+_?At\s*=[^=]|\bupdate\w*!?\([^)]*\)|status:\s*\d+`)
)

func runRepeatedEffect(pass *detectors.Pass) error {
	c := &changes{pass: pass, made: map[string]bool{}, added: map[string]bool{}}
	paths, err := pass.Branch.HeadPaths()
	if err != nil {
		return err
	}
	var started []start
	asked := false
	seen := false
	for _, file := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		if file.Status == branch.Deleted || !judged(file) || source.LanguageOf(file.Path) == "" && noShell(file.Path) || toy.MatchString(file.Path) || trialName.MatchString(path.Base(file.Path)) || strings.Contains(file.Path, ".github/") {
			continue
		}
		text, err := file.After()
		if err != nil || len(text) > maxHandler {
			continue
		}
		runs, by := jobPath.MatchString(path.Dir(file.Path)+"/"+path.Base(file.Path)) || scheduledCode.Match(text), place{}
		if !asked && !runs {
			started, asked = c.starts(paths), true
		}
		for _, s := range started {
			if s.program == file.Path && s.inline == nil {
				runs, by = true, s.via[0]
			}
		}
		if !runs {
			continue
		}
		if source.LanguageOf(file.Path) == "" {
			if o, ok := shellOutward(file, string(text)); ok {
				seen = true
				o.call = &source.Call{Name: o.what}
				pass.Report(repeatedEffect(file.Path, o, nil, by))
			}
			continue
		}
		f, err := pass.Source.Head(file.Path)
		if err != nil || f == nil {
			continue
		}
		seen = true
		if o, d, ok := c.unmarked(f, file); ok {
			pass.Report(repeatedEffect(file.Path, o, d, by))
		}
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

// noShell says whether a file is no shell script either.
func noShell(p string) bool {
	return path.Ext(p) != ".sh" && path.Ext(p) != ".bash" && path.Ext(p) != ""
}

// unmarked is the first call of a file that reaches others from inside of a loop which the branch wrote in, without a key
// and without a mark. What the base did in the same way is not the branch's.
func (c *changes) unmarked(f *source.File, file *branch.File) (outward, *source.Decl, bool) {
	return c.firstUnmarked(f, func(o outward, loop source.Span) bool {
		return file.TouchedRange(loop.Line, max(loop.Line, loop.EndLine)) && !c.sentBefore(file, o)
	})
}

// sentBefore says whether the function at the base made the same call from inside of a loop, without a mark as now.
func (c *changes) sentBefore(file *branch.File, o outward) bool {
	if file.Status == branch.Added {
		return false
	}
	old, err := c.pass.Source.Base(cmp.Or(file.OldPath, file.Path))
	if err != nil || old == nil {
		return false
	}
	_, _, ok := c.firstUnmarked(old, func(was outward, _ source.Span) bool {
		return was.call.Name == o.call.Name && was.what == o.what && was.late == o.late && was.torn == o.torn && inFunction(was.call) == inFunction(o.call)
	})
	return ok
}

// inFunction is the name of the function that a call stands in, empty at the top of a file.
func inFunction(call *source.Call) string {
	if call.In == nil {
		return ""
	}
	return qualified(call.In)
}

// firstUnmarked is the first such call that counts.
func (c *changes) firstUnmarked(f *source.File, counts func(o outward, loop source.Span) bool) (outward, *source.Decl, bool) {
	loops := loopsIn(f)
	if len(loops) == 0 {
		return outward{}, nil, false
	}
	for _, call := range f.Calls {
		if !looped(loops, call.Span) {
			continue
		}
		o, direct := outwardCall(f, call)
		around := surroundings(f, call)
		if !direct {
			inner, ok := c.through(f, call)
			if !ok {
				continue
			}
			o = inner
			o.call, o.line = call, call.Span.Line
		}
		loop := innermost(loops, call.Span)
		if keyed.MatchString(around) {
			continue
		}
		if marks.MatchString(answers.ReplaceAllString(around, " ")) && done.MatchString(aroundWithout(f, call, around)) {
			switch {
			case o.what == "POST" && !o.money:
				continue
			case keptAfter(f, call, loop):
				o.late = true
			case o.money && o.what != "POST" && direct && markedOnlyBehind(f, call, loop):
				o.torn = true
			default:
				continue
			}
		}
		if counts(o, loop) {
			return o, call.In, true
		}
	}
	return outward{}, nil, false
}

// through looks one call further: a function of the repository that reaches others and gives no key.
func (c *changes) through(f *source.File, call *source.Call) (outward, bool) {
	if len(call.Name) < 4 {
		return outward{}, false
	}
	look := func(other *source.File) (outward, bool) {
		for _, d := range other.Decls {
			if d.Name != call.Name || d.Kind != source.Function && d.Kind != source.Method {
				continue
			}
			body := declText(other, d)
			if keyed.MatchString(body) && !keyLeftOut(call, d) || !keyed.MatchString(body) && asksFirst(body) {
				return outward{}, false
			}
			outer := string(f.Text[call.Span.Start:min(call.Span.End, len(f.Text))])
			for _, inner := range other.Calls {
				if inner.Span.Start >= d.Span.Start && inner.Span.End <= d.Span.End {
					o, ok := outwardCall(other, inner)
					if money := moneyWords.MatchString(outer) && !asking.MatchString(outer); ok && (o.money || o.what != "POST" || money) {
						o.money = o.money || money
						return o, true
					}
				}
			}
		}
		return outward{}, false
	}
	if o, ok := look(f); ok {
		return o, true
	}
	naming, err := c.pass.Source.Naming(c.pass.Context, call.Name)
	if err != nil {
		return outward{}, false
	}
	read := 0
	for _, p := range naming[call.Name] {
		if p == f.Path || source.LanguageOf(p) != f.Lang || source.IsTest(p) || aside(p) {
			continue
		}
		if read++; read > 6 {
			break
		}
		if other, err := c.pass.Source.Head(p); err == nil && other != nil {
			if o, ok := look(other); ok {
				return o, true
			}
		}
	}
	return outward{}, false
}

// surroundings is the text of the function around a call, or of the whole file where it stands in none, without comments,
// with PHP's arrows as dots.
func surroundings(f *source.File, call *source.Call) string {
	return strings.ReplaceAll(bodyAround(f, call), "->", ".")
}

func bodyAround(f *source.File, call *source.Call) string {
	if d := call.In; d != nil && (d.Kind == source.Function || d.Kind == source.Method) {
		text := declText(f, d)
		// What the function calls of its own file belongs to it, and so does what calls it.
		for _, other := range f.Decls {
			if other != d && (other.Kind == source.Function || other.Kind == source.Method) && len(other.Name) > 3 &&
				(strings.Contains(text, other.Name+"(") || strings.Contains(declText(f, other), d.Name)) {
				text += "\n" + declText(f, other)
			}
		}
		return text
	}
	return withoutComments(f.Path, string(f.Text))
}

// aroundWithout is the surroundings without the call itself.
func aroundWithout(f *source.File, call *source.Call, around string) string {
	text := string(f.Text[call.Span.Start:min(call.Span.End, len(f.Text))])
	if len(text) > len(around)/2 {
		return around
	}
	return strings.Replace(around, text, " ", 1)
}

func innermost(loops []source.Span, s source.Span) source.Span {
	inside := slices.DeleteFunc(slices.Clone(loops), func(l source.Span) bool { return l.Start > s.Start || s.End > l.End })
	best := inside[0]
	for _, l := range inside {
		if l.End-l.Start < best.End-best.Start {
			best = l
		}
	}
	return best
}

func repeatedEffect(p string, o outward, d *source.Decl, by place) detectors.Finding {
	name := o.call.Name
	if d != nil {
		name = qualified(d)
	}
	f := detectors.Finding{
		Severity: detectors.Warning, Path: p, Line: o.line, EndLine: o.line, Symbol: name,
		Message:  fmt.Sprintf("Each run sends this again for every item (%s): nothing skips those that are done, and no idempotency key goes with it", o.what),
		Why:      "A retry, a restart half way or an overlapping run repeats what was sent, and what reached a customer or a bank cannot be taken back.",
		Fix:      "Select what is not done yet and mark each one when it is, and give the call a key made of the item (Idempotency-Key).",
		Evidence: []string{name, o.call.Full()},
	}
	if o.late {
		f.Message = fmt.Sprintf("This is sent for each item (%s), but what was sent is kept only when all are done, and no idempotency key goes with it", o.what)
		f.Why = "A run that stops half way forgets what it sent: the next one sends the first half once more, and what reached a customer or a bank cannot be taken back."
		f.Fix = "Commit the mark of each item right behind its call, and give the call a key made of the item (Idempotency-Key)."
	}
	if o.torn {
		f.Message = fmt.Sprintf("This is asked for each item (%s) and marked behind it, and no idempotency key goes with it", o.what)
		f.Why = "A run that dies between the call and the mark, or a time-out of the answer, leaves the item unmarked: the next run asks for the money once more."
		f.Fix = "Give the call a key made of the item (Idempotency-Key), so that the other side answers a repeated call with the first result."
	}
	if by.path != "" {
		f.Related = append(f.Related, detectors.Related{Path: by.path, Line: by.line, Message: "starts it again and again"})
	}
	return f
}
