package contracts

import (
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// What is written of a property without a name of its own is for the encoder's settings to say, and those stand elsewhere: a
// change of such properties is looked for in each spelling that the repository may have.

var (
	// snakePolicy are settings by which an encoder writes all names in snake case.
	snakePolicy = lazy.New(`JsonNamingPolicy\.SnakeCaseLower|SnakeCaseNamingStrategy|property-naming-strategy\s*[:=]\s*["']?(SNAKE_CASE|CAMEL_CASE_TO_LOWER_CASE_WITH_UNDERSCORES|com\.fasterxml\S*SnakeCase\w*)|` +
		`setPropertyNamingStrategy\([\w.]*(SNAKE_CASE|SnakeCase\w*)|propertyNamingStrategy\([\w.]*(SNAKE_CASE|SnakeCase\w*)|LOWER_CASE_WITH_UNDERSCORES|JsonNamingStrategy\.SnakeCase`)
	policyWords = []string{"SnakeCaseLower", "SnakeCaseNamingStrategy", "SNAKE_CASE", "SnakeCaseStrategy", "LOWER_CASE_WITH_UNDERSCORES", "SnakeCase", "CAMEL_CASE_TO_LOWER_CASE_WITH_UNDERSCORES"}
	// settingsClass is an annotation of a class that is filled from configuration.
	settingsClass = lazy.New(`@(ConfigurationProperties|ConfigMapping|ConfigProperties)\b`)
)

// respell adds to the changes of Java, Kotlin and C# those of other spellings.
func (s *survey) respell(pass *detectors.Pass) error {
	var more []*change
	policy := ""
	for _, c := range s.changes {
		if family(c.new.path) == "" || c.old.reply || slices.ContainsFunc(c.gone, func(g gone) bool { return g.pinned }) {
			continue
		}
		if policy == "" {
			policy = "none"
			snake, err := writesSnake(pass)
			if err != nil {
				return err
			}
			if snake {
				policy = "snake"
			}
		}
		if !c.old.wired {
			_, crosses, err := crossing(pass, c)
			if err != nil {
				return err
			}
			c.old.wired = crosses
		}
		var spellings []func(string) string
		if policy == "snake" {
			spellings = append(spellings, func(name string) string { return strings.ReplaceAll(kebab(name), "-", "_") })
		}
		if c.new.dialect == string(source.CSharp) { // Newtonsoft's own, and settings files
			spellings = append(spellings, upperFirst)
		} else if text, err := pass.Branch.ReadHead(c.new.path); err == nil && settingsClass.Match(text) {
			spellings = append(spellings, kebab)
		}
		for _, spell := range spellings {
			if again := c.respelled(spell); again != nil {
				again.documents = policy != "snake"
				more = append(more, again)
			}
		}
	}
	s.changes = append(s.changes, more...)
	return nil
}

// writesSnake says whether a setting of the repository has all names written in snake case.
func writesSnake(pass *detectors.Pass) (bool, error) {
	naming, err := pass.Source.Naming(pass.Context, policyWords...)
	if err != nil {
		return false, err
	}
	for _, word := range policyWords {
		for i, p := range naming[word] {
			if i >= maxTypeFiles || source.IsTest(p) || prose(p) {
				continue
			}
			if text, err := pass.Branch.ReadHead(p); err == nil && snakePolicy.Match(text) {
				return true, nil
			}
		}
	}
	return false, nil
}

// respelled is the change with the names of all properties spelled otherwise; nil where none is.
func (c *change) respelled(spell func(string) string) *change {
	again := &change{old: c.old.respelled(spell), new: c.new.respelled(spell), builds: c.builds, spell: spell}
	differs := false
	for _, g := range c.gone {
		spelled := g
		spelled.wire = spell(g.wire)
		if f, ok := c.new.field(g.to); ok && !f.pinned {
			spelled.to = spell(g.to)
		}
		differs = differs || spelled.wire != g.wire
		again.gone = append(again.gone, spelled)
	}
	if !differs {
		return nil
	}
	return again
}

// respelled is the shape with the names of its properties spelled otherwise.
func (s *shape) respelled(spell func(string) string) *shape {
	again := *s
	again.fields = slices.Clone(s.fields)
	for i, f := range again.fields {
		if !f.pinned && f.wire != "" {
			again.fields[i].wire = spell(f.wire)
		}
	}
	return &again
}
