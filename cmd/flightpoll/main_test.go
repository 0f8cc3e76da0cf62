package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the generated parts of the README and the expectations of the stories anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"flightpoll": func() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestStories runs testdata/script: whole ways through the real program, as a reader would type them.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Condition: func(name string) (bool, error) {
			switch name {
			case "pytest":
				return pythonWith(t.Context(), "pytest") != "", nil
			case "typescript":
				_, err := os.Stat("/usr/share/nodejs/typescript")
				return err == nil, nil
			}
			return false, fmt.Errorf("there is no condition %s", name)
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("GIT_CONFIG_GLOBAL", env.WorkDir+"/gitconfig")
			env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("NO_COLOR", "1")
			env.Setenv("SSH_AUTH_SOCK", "")
			env.Setenv("PYTHON", pythonWith(t.Context(), "pytest"))
			env.Setenv("NODE_PATH", "/usr/share/nodejs") // where Debian's packages of node modules lie
			if cache, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE").Output(); err == nil {
				env.Setenv("GOCACHE", strings.TrimSpace(string(cache)))
			}
			config := "[user]\n\tname = Dana Reyes\n\temail = dana@example.com\n[gpg]\n\tformat = ssh\n[user]\n\tsigningkey = " +
				env.WorkDir + "/key\n[init]\n\tdefaultBranch = main\n"
			return os.WriteFile(env.WorkDir+"/gitconfig", []byte(config), 0o600)
		},
	})
}

// pythonWith is an interpreter that has a module, empty where none does.
func pythonWith(ctx context.Context, module string) string {
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(ctx, python, "-c", "import "+module).Run() == nil { //nolint:gosec // both names are our own
			return python
		}
	}
	return ""
}
