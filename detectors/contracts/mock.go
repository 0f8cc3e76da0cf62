package contracts

import (
	"regexp"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	mockFolder = lazy.New(`(?i)(^|/)(__|[^/]*[_.-])?(mocks?|fakes?|stubs?|fixtures?|cassettes?|goldens?|testdata|snapshots?|wiremock|mappings|msw|nock|seeds?|samples?|postman|bruno|insomnia|examples?|factories|stories)([_-][^/]*)?/`)
	mockName   = lazy.New(`(?i)(^|[/_.-])(mocks?|fakes?|stubs?|fixtures?|cassettes?|golden|stories)([_.-][^/]*)?$|\.(snap|golden|http|rest|har|bru)$|postman_collection|insomnia[^/]*$`)
	// sampleName is a word that a contract may be called as well, and that only a file of data takes for a stand-in.
	sampleName = lazy.New(`(?i)(^|[/_.-])(seeds?|samples?|examples?|snapshots?|factory|factories)([_.-][^/]*)?\.(json|ya?ml|csv|tsv|xml|ndjson|jsonl|txt|sql)$`)
)

// isMock says by its path that a file stands in for the real thing: mocks, fixtures, golden files, cassettes, seeds.
func isMock(p string) bool { return mockFolder.MatchString(p) || mockName.MatchString(p) }

// standsIn says that a place belongs to stale-mock: a stand-in, a test, an example or a document.
func standsIn(p string) bool {
	return isMock(p) || sampleName.MatchString(p) || source.IsTest(p) || source.IsExample(p) || source.IsDoc(p) || prose(p)
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
