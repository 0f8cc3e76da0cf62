package record

// A record as `flightpoll show` prints it.

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"

	"flightpoll/checklist/report"
)

// SignatureInfo is what one signature file says, without asking who may sign.
type SignatureInfo struct {
	File string `json:"file"`
	Role string `json:"role"`
	// Fingerprint is the key's, Type its type; Present says that a token was touched.
	Fingerprint string `json:"fingerprint"`
	Type        string `json:"type"`
	Present     bool   `json:"present"`
	// Problem is empty for a signature whose arithmetic is right.
	Problem string `json:"problem"`
}

// Inspect reads the signatures of a record that Read has read from a folder of this machine.
func Inspect(ctx context.Context, folder string, rec Record) []SignatureInfo {
	list := make([]SignatureInfo, 0, len(rec.Signatures))
	for _, name := range rec.Signatures[:min(len(rec.Signatures), maxSignatures)] {
		info := SignatureInfo{File: name}
		text, err := readSignatureFile(folder, name)
		if err == nil {
			var s signature
			s, err = readSignature(ctx, name, name, text, rec.StatementJSON)
			info.Role, info.Present = s.role, s.present
			if s.public != nil {
				info.Fingerprint, info.Type = ssh.FingerprintSHA256(s.public), s.public.Type()
			}
		}
		if err != nil {
			info.Problem = err.Error()
		}
		list = append(list, info)
	}
	return list
}

func readSignatureFile(folder, name string) ([]byte, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", clean(name), err)
	}
	defer func() { _ = root.Close() }()
	return readRegular(root, name, maxSignature)
}

// Show is a record as Markdown: readiness.md, then its signatures. path is a record's folder or a file in it. It says who
// signed, not whether they may: that is Verify's.
func Show(ctx context.Context, path string) ([]byte, error) {
	rec, err := Read(path)
	if err != nil {
		return nil, err
	}
	folder := path
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		folder = filepath.Dir(path)
	}
	var out bytes.Buffer
	out.Write(rec.Markdown)
	fmt.Fprintf(&out, "\n## Signatures\n\n`flightpoll verify` says whether they count.\n\n")
	for _, s := range Inspect(ctx, folder, rec) {
		state := "holds"
		if s.Problem != "" {
			state = "does not hold: " + report.Escape(s.Problem)
		}
		fmt.Fprintf(&out, "- `%s` %s\n", strings.Join(strings.Fields(s.File+" "+s.Type+" "+s.Fingerprint), "` `"), state)
	}
	if len(rec.Signatures) == 0 {
		fmt.Fprintln(&out, "None.")
	}
	return out.Bytes(), nil
}
