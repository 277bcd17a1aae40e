package identity

import (
	"strings"

	"github.com/moby/buildkit/solver/pb"
)

// fillEnvironment fills in that of a step.
func (o *Op) fillEnvironment(exec *pb.ExecOp) {
	o.Env = map[string]string{}
	for _, variable := range exec.GetMeta().GetEnv() {
		name, value, _ := strings.Cut(variable, "=")
		o.Env[name] = value
	}
}
