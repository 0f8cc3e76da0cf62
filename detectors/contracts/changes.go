package contracts

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/contracts/protobuf"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// A survey is what every detector of shapes needs of a branch; it is made once.
type survey struct {
	changes []*change
	// living are the shapes of the changed files as they are now.
	living []*shape
	// before are the shapes that the changed files had.
	before []*shape
	// places are those that still speak of an old shape.
	places []*place
	// grown are required keys that the branch added, lacks the places that do not have them.
	grown []*growth
	lacks []*lack
	// schemas are the JSON Schemas that the branch changed, refused the documents that they no longer accept, broken those
	// that cannot be used any more; followed are those which take documents of the repository as they are now.
	schemas, broken []string
	followed        []string
	refused         []refusal
	// unread are changed files that could not be parsed, with the reason.
	unread []string
	// protos are the readers of .proto files, of the base's side (true) and the head's.
	protos map[bool]*protobuf.Set
	// specs are the OpenAPI documents that the branch changed.
	specs []*specPair
}

type surveyKey struct{}

// surveyOf makes the survey of a branch at the first call and gives the same one afterwards.
func surveyOf(pass *detectors.Pass) (*survey, error) {
	return source.Shared(pass.Source, surveyKey{}, func() (*survey, error) {
		s := &survey{}
		return s, s.make(pass)
	})
}

func (s *survey) make(pass *detectors.Pass) error {
	if err := s.validate(pass); err != nil {
		return err
	}
	s.compareFiles(pass)
	s.respellAll(pass)
	if len(s.grown) > 0 {
		if err := s.findLacks(pass); err != nil {
			return err
		}
	}
	if len(s.changes) == 0 {
		return nil
	}
	if err := s.respell(pass); err != nil {
		return err
	}
	return s.findPlaces(pass)
}

// declares says whether a changed file may hold the declaration of a contract: no test, example, mock or document.
func declares(p string) bool {
	return (!source.IsTest(p) || describesAPI.MatchString(p)) && !source.IsExample(p) && !isMock(p) && !prose(p)
}

// describesAPI matches descriptions of an interface in a folder of specifications, which Ruby calls its tests' folder, too.
var describesAPI = lazy.New(`(?i)^(?:[^/]+/)?specs?/(?:v\d+/|api/)?[\w.-]*(?:openapi|swagger|asyncapi)[\w.-]*\.(?:json|ya?ml)$`)

func prose(p string) bool {
	switch strings.ToLower(path.Ext(p)) {
	case ".md", ".mdx", ".markdown", ".rst", ".adoc", ".txt":
		return true
	}
	return false
}

// compareFiles compares the shapes of each changed file with those that it had, wherever on the branch they went.
func (s *survey) compareFiles(pass *detectors.Pass) {
	before := side{pass.Branch, pass.Source, true}
	after := side{pass.Branch, pass.Source, false}
	builds := newLayout(after)
	type pair struct {
		old, now []*shape
	}
	var pairs []pair
	for _, f := range pass.Branch.Files {
		if f.Binary || f.TooLarge || f.Vendored || f.Generated || !declares(f.Path) {
			continue
		}
		p := pair{}
		if f.Status != branch.Added {
			p.old = slices.Concat(s.shapesIn(before, cmpOr(f.OldPath, f.Path)), s.messages(before, cmpOr(f.OldPath, f.Path)))
		}
		if f.Status != branch.Deleted {
			p.now = slices.Concat(s.shapesIn(after, f.Path), s.messages(after, f.Path))
		}
		s.living = append(s.living, p.now...)
		pairs = append(pairs, p)
	}
	children := func(owner string) *shape {
		if owner == "" {
			return nil
		}
		for _, l := range s.living {
			if l.owner == owner || strings.HasSuffix(l.owner, "."+owner) {
				return l
			}
		}
		return nil
	}
	var old []*shape
	for _, p := range pairs {
		old = append(old, p.old...)
	}
	s.before = old
	formerly := func(m *shape, owner string) *shape {
		for _, o := range old {
			if owner != "" && o.path == m.path && (o.owner == owner || strings.HasSuffix(o.owner, "."+owner)) {
				return o
			}
		}
		return nil
	}
	for _, p := range pairs {
		for _, m := range matchShapes(p.old, p.now, s.living, old) {
			kids := func(owner string) *shape {
				if c := children(owner); c != nil || owner == "" {
					return c
				}
				if f := after.file(m.now.path); f != nil {
					if g, d := after.lookup(f, owner); d != nil {
						return &shape{owner: owner, path: g.Path, fields: ownFields(d)}
					}
				}
				return nil
			}
			c := compare(m.old, m.now, kids, func(owner string) *shape { return formerly(m.old, owner) })
			for _, f := range grown(m.old, m.now, c) {
				s.grown = append(s.grown, &growth{old: m.old, new: m.now, key: f})
			}
			if c != nil && s.handedOn(m.old, m.now) {
				continue
			}
			if c != nil {
				c.builds = builds
				c.gone = slices.DeleteFunc(c.gone, func(g gone) bool {
					if g.retyped != "" {
						return false
					}
					taken := answered(after, m.now, g.wire)
					if taken && writesAliases(pass, after, m.now) {
						taken, c.written = false, true
					}
					return taken || s.stillServed(after, m.now, g.wire)
				})
				if len(c.gone) > 0 && !c.narrowed() {
					s.changes = append(s.changes, c)
				}
			}
		}
	}
}

// handedOn says that a type which is new beside the changed one has all the names now: the written form got a type of its own.
func (s *survey) handedOn(old, now *shape) bool {
	return old.pinned && slices.ContainsFunc(s.living, func(l *shape) bool {
		return l != now && l.pinned && l.dialect == old.dialect && path.Dir(l.path) == path.Dir(now.path) && len(old.fields) > 1 &&
			!slices.ContainsFunc(old.fields, func(f field) bool {
				again, ok := l.field(f.wire)
				return !ok || again.typ != f.typ
			}) &&
			!slices.ContainsFunc(s.before, func(b *shape) bool { return b.owner == l.owner })
	})
}

var servedBy = lazy.New(`(Serializer|Schema|Out|Response|Resource|Read|Dto|DTO|View|Presenter|Payload)$`)

// stillServed says of a name of a model of the database that a serialiser of the same thing goes on with it: the model's own
// names do not leave the program then.
func (s *survey) stillServed(at side, model *shape, wire string) bool {
	f := at.file(model.path)
	if f == nil {
		return false
	}
	d := declared(f, model.owner)
	if d == nil || !slices.ContainsFunc(d.Bases, func(b string) bool { return databaseBase.MatchString(b) }) {
		return false
	}
	subject := model.subject()
	return slices.ContainsFunc(s.living, func(l *shape) bool {
		mine := l.subject()
		return l != model && l.has(wire) && servedBy.MatchString(l.owner) && len(mine) > 0 && len(subject) > 0 && mine[len(mine)-1] == subject[len(subject)-1]
	})
}

var databaseBase = lazy.New(`^(?:models\.Model|db\.Model|Base|DeclarativeBase|Model|ApplicationRecord|ActiveRecord::Base|SQLModel)$`)

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// shapesIn are the shapes of one file on one side.
func (s *survey) shapesIn(at side, p string) []*shape {
	if source.LanguageOf(p) != "" {
		f := at.file(p)
		if f == nil {
			s.unread = append(s.unread, p)
			return nil
		}
		if ext := path.Ext(p); ext == ".tsx" || ext == ".jsx" {
			return nil // a component's properties and forms are its own: they do not leave the program
		}
		return slices.Concat(at.shapes(f), schemaShapes(f), literalShapes(f), replyShapes(at, f))
	}
	switch strings.ToLower(path.Ext(p)) {
	case ".avsc":
		return avroShapes(at, p)
	case ".json", ".yaml", ".yml":
		if text, err := at.text(p); err == nil {
			return documentShapes(p, text)
		}
	}
	return nil
}
