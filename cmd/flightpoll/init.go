package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"flightpoll/checklist/policy"
	"flightpoll/checklist/record"
	"flightpoll/detectors/branch"
)

// newInitCommand sets a repository up: a policy with an id of its own, and who may sign.
func newInitCommand(a *app) *cobra.Command {
	var key string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Set a repository up: policy file and allowed signers with your own key",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, err := branch.Open(cmd.Context(), branch.Options{Dir: a.dir})
			if err != nil {
				return err
			}
			principal, line, err := record.OwnSigner(cmd.Context(), b, key)
			if err != nil {
				return err
			}
			for _, f := range []struct {
				path string
				text []byte
			}{
				{policy.Path, policy.Initial(policy.NewRepositoryID(), b.Target)},
				{policy.Signers, []byte(line)},
			} {
				wrote, err := writeNew(filepath.Join(b.Root, filepath.FromSlash(f.path)), f.text)
				if err != nil {
					return err
				}
				if wrote {
					fmt.Fprintf(a.out, "wrote %s\n", f.path)
				} else {
					fmt.Fprintf(a.out, "kept  %s (it was there already)\n", f.path)
				}
			}
			fmt.Fprintf(a.out, "%s may sign as author. Commit both files to the target branch in a change of their own:\n"+
				"  git add .readiness && git commit -m 'Set up flightpoll'\n", principal)
			return nil
		},
	}
	cmd.Flags().StringVar(&key, "key", "", "your public or private key file; otherwise git's user.signingkey, then the ssh-agent")
	return cmd
}

// writeNew writes a file that is not there yet, whole or not at all.
func writeNew(path string, text []byte) (bool, error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a folder of the repository, readable as its siblings
		return false, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".flightpoll-*")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	if _, err := tmp.Write(text); err != nil {
		return false, errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return false, err
	}
	// A link fails where the file has appeared meanwhile, a rename would replace it.
	return true, os.Link(tmp.Name(), path)
}
