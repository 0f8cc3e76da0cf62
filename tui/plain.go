package tui

// The accessible mode.

import (
	"context"
	"errors"
)

func runPlain(context.Context, Backend, Options) error {
	return errors.New("the accessible mode is not built yet: unset ACCESSIBLE and TERM=dumb")
}
