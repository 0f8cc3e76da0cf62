package contracts

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

// SerialisedName finds names in a serialised form (json tags, aliases, schema keys) that the branch renamed or removed while
// nobody in the repository reads them: whoever does is elsewhere.
var SerialisedName = &detectors.Detector{
	ID:    "contracts/serialised-name",
	Title: "A name in a serialised form changed, and its readers are not in this repository",
	Run:   runSerialisedName,
}

func runSerialisedName(pass *detectors.Pass) error {
	s, err := surveyOf(pass)
	if err != nil {
		return err
	}
	ran := false
	for _, c := range s.changes {
		if !c.old.pinned || c.old.dialect == "schema" || isMessage(c.old) { // documents and messages have rules of their own
			continue
		}
		ran = true
		// Who still expects the old name is told at that place, by stale-consumer and stale-mock.
		if slices.ContainsFunc(s.places, func(p *place) bool { return p.change == c || p.change.old.owner == c.old.owner }) {
			continue
		}
		lost := slices.DeleteFunc(slices.Clone(c.gone), func(g gone) bool { return !g.pinned && !c.old.schema })
		if len(lost) == 0 {
			continue
		}
		at, crosses, err := crossing(pass, c)
		if err != nil {
			return err
		}
		f := detectors.Finding{
			Severity: detectors.Warning, Path: c.new.path, Line: c.lineOf(lost[0]), Symbol: lost[0].wire,
			Message:  fmt.Sprintf("the branch %s in %s, and nothing in this repository reads it", story(lost), c.old.owner),
			Why:      "Readers outside of the repository, stored values and queued messages still have the old name.",
			Fix:      "Write both names for a release and read both for longer, or tell the readers and migrate what is stored.",
			Evidence: []string{c.old.owner, story(lost)},
		}
		if at.Path != "" {
			f.Related = []detectors.Related{at}
		}
		followed := follower(pass.Branch, c, lost)
		if followed != "" {
			f.Message = fmt.Sprintf("the branch %s in %s, and %s followed", story(lost), c.old.owner, path.Base(followed))
		}
		// Users of a TypeScript schema take their types from it: the type checker has told them.
		inferred := c.old.dialect == string(source.TypeScript)
		// What is taken away is meant to go; what gets another name or another kind breaks readers by accident.
		taken := !slices.ContainsFunc(lost, func(g gone) bool { return g.to != "" })
		if !crosses || inferred || taken || c.onClient() || followed != "" || announcesBreak(pass.Branch) {
			f.Severity = detectors.Note
		}
		pass.Report(f)
	}
	if !ran {
		return detectors.ErrNotApplicable
	}
	return nil
}

// follower is a file that named an old name before the branch and no longer does: a consumer in the repository.
func follower(b *branch.Branch, c *change, lost []gone) string {
	for _, f := range b.Files {
		if f.Path == c.new.path || f.Binary || f.TooLarge || f.Status == branch.Added || history.MatchString(f.Path) {
			continue
		}
		before, err := f.Before()
		if err != nil {
			continue
		}
		after, err := f.After()
		if err != nil {
			continue
		}
		for _, g := range lost {
			word := regexp.MustCompile(`(?m)(^|["'.\s{,])` + regexp.QuoteMeta(g.wire) + `\b`)
			if g.retyped != "" {
				if rewroteRow(f, after, word) {
					return f.Path
				}
				continue
			}
			if to := g.to[strings.LastIndexByte(g.to, '.')+1:]; len(to) > 3 && word.Match(before) && !strings.Contains(string(before), to) && strings.Contains(string(after), to) {
				return f.Path
			}
			if word.Match(before) && len(word.FindAll(after, -1)) < len(word.FindAll(before, -1)) {
				return f.Path
			}
		}
	}
	return ""
}

// rewroteRow says that the branch wrote a row anew that has the name.
func rewroteRow(f *branch.File, after []byte, word *regexp.Regexp) bool {
	for i, row := range strings.Split(string(after), "\n") {
		if word.MatchString(row) && f.Touched(i+1) {
			return true
		}
	}
	return false
}

var wire = lazy.New(`(?i)json\.|\.json\(|marshal|encode|decode|bind|response_model|publish|produce|render|\.parse\(|safeParse|model_validate|model_dump|jsonify|@(app|router|api|bp)\.|readAll|yaml\.|viper|send`)

// managedWire is the same in Java, Kotlin and C#.
var managedWire = lazy.New(`@(Rest)?Controller\b|@RequestBody|@ResponseBody|ResponseEntity|[oO]bjectMapper|KafkaTemplate|kafkaTemplate|@\w*Listener\b|convertAndSend|[rR]estTemplate|WebClient|RestClient|` +
	`@FeignClient|@(GET|POST|PUT|PATCH|DELETE|Path)\b|\b[gG]son\b|Json\.(en|de)code|JsonSerializer\.|JsonConvert\.|ControllerBase|\[Http(Get|Post|Put|Patch|Delete)|\bMap(Get|Post|Put|Patch|Delete)\(|` +
	`FromJsonAsync|AsJsonAsync|call\.(respond|receive)|\.body<`)

// crossing is a place that serialises the changed type: a file that names it and encodes, decodes, binds or publishes.
func crossing(pass *detectors.Pass, c *change) (detectors.Related, bool, error) {
	owner := c.old.owner[strings.LastIndexByte(c.old.owner, '.')+1:]
	wire := wire
	if family(c.new.path) != "" {
		wire = managedWire
	}
	naming, err := pass.Source.Naming(pass.Context, owner)
	if err != nil {
		return detectors.Related{}, false, err
	}
	for i, p := range naming[owner] {
		if i > 40 || source.IsTest(p) || source.LanguageOf(p) != source.LanguageOf(c.new.path) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil || !wire.Match(text) {
			continue
		}
		line := 0
		for row := range strings.Lines(string(text)) {
			line++
			if strings.Contains(row, owner) && p != c.new.path || wire.MatchString(row) && p == c.new.path {
				return detectors.Related{Path: p, Line: line, Message: owner + " crosses the wire here"}, true, nil
			}
		}
	}
	return detectors.Related{}, c.old.schema, nil
}
