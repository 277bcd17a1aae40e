package scaffold

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// Bake is Docker Buildx's evaluation of a repository's Bake files.
type Bake struct {
	JSON    []byte // JSON, as `docker buildx bake --print` writes it
	Failure string // why there is none
}

// Bounds of what is heard of Buildx.
const (
	bakeTime   = 20 * time.Second
	bakeOutput = 1 << 20 // bytes
)

var errNoAnswer = errors.New("no answer from Docker Buildx")

// bakeVariables are those that Buildx has to find itself and its settings. A Bake file may read any variable of its environment, and
// what it says is written down.
var bakeVariables = []string{
	"PATH", "HOME", "DOCKER_CONFIG", "BUILDX_CONFIG", "SYSTEMROOT", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA",
	"PROGRAMFILES",
}

// EvaluateBake lets Docker Buildx evaluate the repository's Bake files where one of them is in HCL, whose variables, functions and
// matrices need Bake itself. That builds nothing and reaches no daemon. Compiling its package instead would take minutes of a first
// command.
func (f Facts) EvaluateBake(ctx context.Context) (b Bake) {
	files := f.declarations().BakeFiles()
	if !slices.ContainsFunc(files, inHCL) {
		return b
	}
	ctx, cancel := context.WithTimeoutCause(ctx, bakeTime, errNoAnswer)
	defer cancel()
	for _, program := range [][]string{{"docker", "buildx"}, {"docker-buildx"}, {"buildx"}} {
		if _, err := exec.LookPath(program[0]); err != nil {
			continue
		}
		evaluated, failure := printBake(ctx, f.Root, program, files, "default")
		if evaluated == nil { // none is the default, or there is no Buildx
			if all, _ := printBake(ctx, f.Root, program, files, "*"); all != nil {
				evaluated = withoutGroups(all)
			}
		}
		if evaluated != nil {
			return Bake{JSON: evaluated}
		}
		b.Failure = cmp.Or(b.Failure, strings.ToValidUTF8(failure[:min(len(failure), 200)], ""))
	}
	b.Failure = cmp.Or(b.Failure, "Docker Buildx is not installed here")
	return b
}

// unread says which Bake file is not known because Buildx did not evaluate it. What it printed elsewhere is read in its place.
func (f Facts) unread() string {
	files := f.declarations().BakeFiles()
	at := slices.IndexFunc(files, inHCL)
	if at < 0 || len(f.Bake.JSON) > 0 || slices.Contains(files, "docker-bake.json") {
		return ""
	}
	return files[at] + ": " + cmp.Or(f.Bake.Failure, "not evaluated")
}

func inHCL(name string) bool { return path.Ext(name) == ".hcl" }

// withoutBuildx matches docker's message without the plugin: it takes the flags for its own.
var withoutBuildx = regexp.MustCompile(`(?m)^(?:docker: )?(?:unknown command: docker buildx|` +
	`unknown (?:shorthand )?flag: |'buildx' is not a docker command)`)

// printBake returns what the targets are, or what Buildx says against that.
func printBake(ctx context.Context, dir string, program, files []string, targets string) ([]byte, string) {
	args := append(slices.Clone(program[1:]), "bake", "--print")
	for _, file := range files {
		args = append(args, "--file="+file)
	}
	stdout, stderr := procgroup.NewBoundedBuffer(bakeOutput), procgroup.NewBoundedBuffer(bakeOutput)
	cmd := procgroup.Command(ctx, program[0], append(args, targets)...)
	cmd.Dir, cmd.Env = dir, procgroup.Select(cmd.Env, bakeVariables...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	procgroup.EndWhole(cmd)
	err := cmd.Run()
	switch {
	case stdout.Full() || stderr.Full():
		return nil, "the output of Docker Buildx is too long"
	case ctx.Err() != nil:
		return nil, context.Cause(ctx).Error()
	case withoutBuildx.MatchString(stderr.String()):
		return nil, ""
	case err != nil:
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		for _, line := range lines {
			if _, reason, found := strings.Cut(line, "ERROR: "); found {
				return nil, reason
			}
		}
		return nil, cmp.Or(lines[0], err.Error())
	case !json.Valid(stdout.Bytes()):
		return nil, "Docker Buildx answers something else than JSON"
	}
	return stdout.Bytes(), ""
}

// withoutGroups leaves out that all targets were asked for: which of them make images is then for each to say.
func withoutGroups(evaluated []byte) []byte {
	var file map[string]json.RawMessage
	if json.Unmarshal(evaluated, &file) != nil {
		return nil
	}
	delete(file, "group")
	rest, err := json.Marshal(file)
	if err != nil {
		return nil
	}
	return rest
}
