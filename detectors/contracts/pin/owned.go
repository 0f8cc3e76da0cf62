package pin

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"flightpoll/detectors/lazy"
)

// The first line of a file that this package wrote ends with the SHA-256 of all that follows it, so that an edit by hand
// shows.
var mark = lazy.New(`^.{0,4}Written by flightpoll contract-tests\. Change the contract and run it again\. ([0-9a-f]{64})\n`)

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// marked puts the mark before a text.
func marked(comment string, body []byte) []byte {
	return append([]byte(comment+" Written by flightpoll contract-tests. Change the contract and run it again. "+digest(body)+"\n"), body...)
}

// ours says whether a text is exactly as this package wrote it.
func ours(text []byte) bool {
	m := mark.FindSubmatchIndex(text)
	return m != nil && string(text[m[2]:m[3]]) == digest(text[m[1]:])
}

// ErrNotOurs is the answer for a file that is there and was not written by this package, or was edited since.
var ErrNotOurs = errors.New("is there and was not written by flightpoll contract-tests, or was edited since; move it away or delete it first")

// Write writes the files below root, none of them where one could not be: a file that is there is replaced only if it is
// ours. Paths that lead out of root (by symbolic links) are refused. It says which files changed.
func Write(root string, files []File) (written []string, err error) {
	tree, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, tree.Close()) }()
	var fresh []File
	for _, f := range files {
		old, err := tree.ReadFile(f.Path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			fresh = append(fresh, f)
		case err != nil:
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		case bytes.Equal(old, f.Text):
		case ours(old) || f.schema && oursJSON(old) || f.digest != "" && named(tree, f.digest, old):
			fresh = append(fresh, f)
		default:
			return nil, fmt.Errorf("%s %w", f.Path, ErrNotOurs)
		}
	}
	for _, f := range fresh {
		if err := tree.MkdirAll(path.Dir(f.Path), 0o755); err != nil {
			return written, fmt.Errorf("%s: %w", f.Path, err)
		}
		temporary := f.Path + ".flightpoll"
		if err := tree.WriteFile(temporary, f.Text, 0o644); err != nil {
			return written, fmt.Errorf("%s: %w", f.Path, err)
		}
		if err := tree.Rename(temporary, f.Path); err != nil {
			return written, errors.Join(fmt.Errorf("%s: %w", f.Path, err), tree.Remove(temporary))
		}
		written = append(written, f.Path)
	}
	return written, nil
}

// oursJSON says whether a schema has the comment that this package puts into it.
func oursJSON(text []byte) bool {
	var doc pinnedSchema
	return json.Unmarshal(text, &doc) == nil && strings.HasPrefix(doc.Comment, "Written by flightpoll contract-tests")
}

// named says whether the file beside names the digest of a text.
func named(tree *os.Root, beside string, text []byte) bool {
	other, err := tree.ReadFile(beside)
	return err == nil && bytes.Contains(other, []byte(digest(text)))
}
