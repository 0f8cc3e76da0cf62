package record

// Names below .readiness/records: folders, files, signatures.

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The files of a record.
const (
	statementFile  = "readiness.json"
	reportFile     = "report.json"
	markdownFile   = "readiness.md"
	attributesFile = ".gitattributes"
	// attributes keep git from changing a byte on the way in or out.
	attributes = "* -text -filter -ident -working-tree-encoding\n"
)

var (
	folderName    = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}-[a-z0-9][a-z0-9._-]{0,79}$`)
	signatureName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}-[a-z0-9@._+-]{1,120}\.sig$`)
	roleName      = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	notInSlug     = regexp.MustCompile(`[^a-z0-9._]+`)
	notInSigner   = regexp.MustCompile(`[^a-z0-9@._+-]+`)
	dots          = regexp.MustCompile(`\.{2,}`)
)

// slug is a branch name as part of a folder's name: at most 60 characters of a-z, 0-9, dot, dash, underscore.
func slug(branch string) string {
	s := dots.ReplaceAllString(notInSlug.ReplaceAllString(strings.ToLower(branch), "-"), ".")
	s = strings.Trim(s[:min(len(s), 60)], "-._")
	if s == "" {
		return "branch-" + shortSum(branch)
	}
	return s
}

// folderFor is the name of a record's folder: the date and the branch, with a number where that is taken.
func folderFor(date time.Time, branch string, taken func(name string) bool) string {
	base := date.UTC().Format(time.DateOnly) + "-" + slug(branch)
	name := base
	for n := 2; taken(name); n++ {
		name = base + "-" + strconv.Itoa(n)
	}
	return name
}

// signatureFile is "<role>-<principal>.sig". A principal that a file name cannot hold as it is, or a role with a dash,
// gets a digest of both, so that two signers never share a file.
func signatureFile(role, principal string) string {
	s := notInSigner.ReplaceAllString(strings.ToLower(principal), "-")
	s = strings.Trim(dots.ReplaceAllString(s[:min(len(s), 90)], "."), ".-")
	if s != principal || strings.Contains(role, "-") {
		s = strings.TrimPrefix(s+"-"+shortSum(role+"\x00"+principal), "-")
	}
	return role + "-" + s + ".sig"
}

func shortSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:4])
}

// checkName judges the name of something below the records: what no honest program writes is malformed, what
// is only unknown is refused.
func checkName(name, path string, known bool) error {
	if !utf8.ValidString(name) || clean(name) != name || strings.Contains(name, "..") || strings.ContainsAny(name, `\/`) {
		return refuse(Malformed, "%s: a name that no record has", clean(path))
	}
	if !known {
		return refuse(Refused, "%s does not belong below %s: remove it", clean(path), Dir)
	}
	return nil
}

// knownFile says whether a record's folder may hold a file of this name.
func knownFile(name string) bool {
	return name == statementFile || name == reportFile || name == markdownFile || signatureName.MatchString(name)
}
