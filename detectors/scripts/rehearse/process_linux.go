package rehearse

import (
	"os/exec"
	"syscall"
)

// endWithUs lets the kernel stop the server when the thread that started it ends; see server.start.
func endWithUs(cmd *exec.Cmd) { cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT }
