package main

import (
	"flag"
	"os"
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
		Setup: func(env *testscript.Env) error {
			env.Setenv("GIT_CONFIG_GLOBAL", env.WorkDir+"/gitconfig")
			env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("NO_COLOR", "1")
			env.Setenv("SSH_AUTH_SOCK", "")
			config := "[user]\n\tname = Dana Reyes\n\temail = dana@example.com\n[gpg]\n\tformat = ssh\n[user]\n\tsigningkey = " +
				env.WorkDir + "/key\n[init]\n\tdefaultBranch = main\n"
			return os.WriteFile(env.WorkDir+"/gitconfig", []byte(config), 0o600)
		},
	})
}
