package pin

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestWriteKeepsWhatIsNotOurs(t *testing.T) {
	root := t.TempDir()
	mine := File{Path: "a_test.go", Text: marked("//", []byte("\npackage a\n"))}
	theirs := filepath.Join(root, "b_test.go")
	if err := os.WriteFile(theirs, []byte("package b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Write(root, []File{mine, {Path: "b_test.go", Text: marked("//", []byte("\npackage b\n"))}})
	if !errors.Is(err, ErrNotOurs) {
		t.Fatalf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(root, "a_test.go")); err == nil {
		t.Error("one file was refused, and another one was written all the same")
	}
}

func TestWriteReplacesItsOwn(t *testing.T) {
	root := t.TempDir()
	for _, body := range []string{"\npackage a\n", "\npackage a // another shape\n"} {
		written, err := Write(root, []File{{Path: "deep/er/a_test.go", Text: marked("//", []byte(body))}})
		if err != nil || len(written) != 1 {
			t.Fatalf("wrote %v: %v", written, err)
		}
	}
}

func TestWriteStaysInside(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(root, "tests")); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(root, []File{{Path: "tests/test_a.py", Text: marked("#", nil)}}); err == nil {
		t.Error("a symbolic link led out of the repository")
	}
	if list, _ := os.ReadDir(outside); len(list) > 0 {
		t.Errorf("wrote %v", list)
	}
}

func TestSnake(t *testing.T) {
	for name, want := range map[string]string{"OrderLine": "order_line", "GET /v1/users/{id}": "get_v1_users_id", "HTTPReply": "httpreply", "../../etc": "etc"} {
		if got := snake(name); got != want {
			t.Errorf("snake(%q) = %q, want %q", name, got, want)
		}
	}
}
