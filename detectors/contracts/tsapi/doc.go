// Package tsapi knows what modules in TypeScript and JavaScript export, which of it a package's entry points offer, and how
// two versions of that differ, in the terms of API Extractor (api-extractor.com). It knows nothing of branches and findings.
package tsapi
