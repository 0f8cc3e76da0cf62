package checklist

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"unicode/utf8"
)

// maxText bounds one text, link or note in bytes.
const maxText = 8 << 10

// check says what is wrong with the evidence for an answer, and gives it in its final form.
func (e Evidence) check(state State, wanted EvidenceKind) (Evidence, error) {
	e.Text, e.Link, e.Person = strings.TrimSpace(e.Text), strings.TrimSpace(e.Link), strings.TrimSpace(e.Person)
	given := e.given()
	switch {
	case len(given) > 1:
		return e, fmt.Errorf("give one kind of evidence, not %s and %s", given[0], given[1])
	case len(given) == 0 && state == Go:
		return e, fmt.Errorf("go needs evidence: %s", wanted.form())
	case len(given) == 0:
		return Evidence{Kind: wanted}, nil
	}
	e.Kind = given[0]
	if err := e.wellFormed(); err != nil {
		return e, err
	}
	if state == Go {
		if !wanted.takes(e.Kind) {
			return e, fmt.Errorf("a %s is not what this question asks for: %s", e.Kind, wanted.form())
		}
		if e.Command != nil && e.Command.Exit != 0 {
			return e, fmt.Errorf("`%s` ended with status %d: a command that failed can never be go", e.Command.Line, e.Command.Exit)
		}
	}
	return e, nil
}

// given are the kinds that are filled in.
func (e Evidence) given() []EvidenceKind {
	var kinds []EvidenceKind
	if e.Command != nil {
		kinds = append(kinds, CommandEvidence)
	}
	if e.Link != "" {
		kinds = append(kinds, LinkEvidence)
	}
	if e.Text != "" {
		kinds = append(kinds, TextEvidence)
	}
	if e.Person != "" {
		kinds = append(kinds, PersonEvidence)
	}
	return kinds
}

func (e Evidence) wellFormed() error {
	switch e.Kind {
	case LinkEvidence:
		return checkLink(e.Link)
	case PersonEvidence:
		return checkPerson(e.Person)
	case CommandEvidence:
		if strings.TrimSpace(e.Command.Line) == "" {
			return errors.New("the command is empty")
		}
		return checkText("the command", e.Command.Line)
	default:
		return checkText("the text", e.Text)
	}
}

func checkLink(link string) error {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || strings.ContainsAny(link, " \t\r\n") {
		return fmt.Errorf("%q is no link: expected an absolute address with http or https", shorten(link))
	}
	if u.User != nil {
		return errors.New("the link holds a user name or a password, and the record is public: leave it out")
	}
	return checkText("the link", link)
}

func checkPerson(person string) error {
	a, err := mail.ParseAddress(person)
	if err != nil || strings.TrimSpace(a.Name) == "" || !strings.Contains(person, "<") {
		return fmt.Errorf("%q is no person: expected NAME <ADDRESS>, e.g. Dana Poe <dana@example.com>", shorten(person))
	}
	return checkText("the person", person)
}

// checkText refuses what cannot be shown: too long, not UTF-8, or with control characters other than line breaks and tabs.
func checkText(what, text string) error {
	switch {
	case len(text) > maxText:
		return fmt.Errorf("%s is longer than %d KB: put it into a file or behind a link", what, maxText>>10)
	case !utf8.ValidString(text):
		return fmt.Errorf("%s is not UTF-8", what)
	case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r >= 0x7f && r < 0xa0 }):
		return fmt.Errorf("%s holds control characters", what)
	}
	return nil
}

// takes says whether evidence of another kind does as well: a link to a command's run does for the command.
func (k EvidenceKind) takes(given EvidenceKind) bool {
	return given == k || k == CommandEvidence && given == LinkEvidence
}

// form says what an evidence kind looks like.
func (k EvidenceKind) form() string {
	switch k {
	case CommandEvidence:
		return "a command that was run and ended with status 0, or a link to its run"
	case LinkEvidence:
		return "a link, https://..."
	case PersonEvidence:
		return "a person, NAME <ADDRESS>"
	default:
		return "a text that says what was checked and how"
	}
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}
