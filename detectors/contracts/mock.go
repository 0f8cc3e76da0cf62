package contracts

import (
	"regexp"

	"flightpoll/detectors/source"
)

var mockPath = regexp.MustCompile(`(?i)(^|[/_.-])(mocks?|fakes?|stubs?|fixtures?|cassettes?|goldens?|testdata|snapshots?|__snapshots__|__mocks__|__fixtures__|wiremock|mappings|msw|nock|seeds?|samples?|postman|bruno|insomnia|examples?|factories|stories)([/_.-]|$)|\.(snap|golden|http|rest|har|bru)$`)

// isMock says by its path that a file stands in for the real thing: mocks, fixtures, golden files, cassettes, seeds.
func isMock(p string) bool { return mockPath.MatchString(p) }

// standsIn says that a place belongs to stale-mock: a stand-in, a test, an example or a document.
func standsIn(p string) bool {
	return isMock(p) || source.IsTest(p) || source.IsExample(p) || source.IsDoc(p) || prose(p)
}

// standIn names what a file is, for a message.
func standIn(p string) string {
	switch {
	case prose(p) || source.IsDoc(p):
		return "the document"
	case regexp.MustCompile(`(?i)postman|bruno|insomnia|\.http$|\.bru$`).MatchString(p):
		return "the documented call"
	case regexp.MustCompile(`(?i)fixture|testdata|seed`).MatchString(p):
		return "the fixture"
	case regexp.MustCompile(`(?i)golden|snap`).MatchString(p):
		return "the golden file"
	case regexp.MustCompile(`(?i)cassette|\.har$`).MatchString(p):
		return "the cassette"
	case source.IsTest(p) || isMock(p):
		return "the mock"
	}
	return "the example"
}
