// Package internal_test holds the house against its plan: which room may know which.
package internal_test

import (
	"errors"
	"go/build"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/script"
)

const module = "github.com/xiilab/astrago-ci/"

// rooms lists, for every room, the rooms that it may import. A room knows only the rooms below it. A room in another one, which has
// a name with a slash, has rules of its own; the packages of a room that are not listed are parts of it.
var rooms = map[string][]string{
	"problem":             nil,
	"component":           nil,
	"subpath":             nil,
	"vars":                nil,
	"redact":              nil,
	"atomicfile":          nil,
	"backoff":             nil,
	"commitid":            nil,
	"bounded":             nil,
	"credential":          {"backoff"},
	"transport":           nil,
	"escape":              nil,
	"imageref":            {"problem"},
	"telemetry":           {"backoff", "transport"}, // travels in the context, so that every room that makes requests can record them
	"yamlschema":          {"problem"},
	"config":              {"component", "imageref", "problem", "vars", "yamlschema"},
	"output":              {"atomicfile", "problem"},
	"parallel":            nil,
	"git":                 {"commitid", "output", "problem", "procgroup", "telemetry"},
	"yamledit":            {"problem", "yamledit/excerpt", "yamledit/source", "yamledit/yq"},
	"procgroup":           nil,
	"prepare":             {"config", "problem", "procgroup", "worktree"},
	"terminal":            nil,
	"webpage":             {"commitid"},
	"submodule":           {"commitid", "git", "problem"},
	"toolchain":           {"filelock", "problem", "procgroup"},
	"plan":                {"commitid", "component", "config", "escape", "imageref", "problem", "git"},
	"worktree/hashcache":  {"atomicfile"},
	"worktree":            {"problem", "git", "subpath", "worktree/hashcache"},
	"identity":            {"component", "config", "parallel", "plan", "problem", "worktree"},
	"filelock":            nil,
	"buildkit/ocilayout":  {"backoff", "commitid", "filelock", "imageref", "output", "plan"},
	"buildkit/daemon":     {"atomicfile", "backoff", "filelock", "problem", "procgroup", "toolchain"},
	"buildkit/pool":       {"buildkit/daemon", "component", "plan", "problem"},
	"buildkit/attachable": {"config", "plan", "problem", "redact", "worktree"},
	"buildkit/progress":   {"component", "escape", "output", "problem", "redact", "telemetry", "terminal"},
	"buildkit": {
		"buildkit/attachable", "buildkit/daemon", "buildkit/ocilayout", "buildkit/pool", "buildkit/progress", "component", "config",
		"identity", "imageref", "output", "plan", "problem", "redact", "git", "subpath", "telemetry", "worktree",
	},
	"imageload": {"config", "problem"},
	"registry": {
		"imageref", "registry/auth", "registry/explain", "registry/hosts", "registry/inspect", "registry/protocol", "registry/push",
		"registry/successor",
	},
	"registry/answer": nil,
	"registry/hosts":  {"problem", "subpath", "transport"},
	"registry/auth":   {"problem", "redact", "registry/answer", "transport"},
	"registry/protocol": {
		"backoff", "bounded", "imageref", "problem", "registry/answer", "registry/auth", "registry/hosts", "telemetry", "transport",
	},
	"registry/explain":   {"imageref", "problem", "registry/answer", "registry/auth", "registry/protocol"},
	"registry/inspect":   {"commitid", "imageref", "plan", "registry/answer", "registry/protocol"},
	"registry/successor": {"imageref", "registry/protocol"},
	"registry/push": {
		"commitid", "imageref", "parallel", "problem", "registry/answer", "registry/explain", "registry/inspect", "registry/protocol",
		"registry/successor",
	},
	"yamledit/excerpt": {"imageref"},
	"yamledit/source":  {"problem", "yamledit/excerpt"},
	"yamledit/yq":      {"problem", "yamledit/source"},
	"github":           {"backoff", "commitid", "credential", "parallel", "problem", "git", "telemetry", "transport"},
	"deployer":         {"bounded", "commitid", "credential", "git", "github", "plan", "problem"},
	"github/app":       {"backoff", "credential", "github", "problem"},
	"gitops": {
		"backoff", "config", "github", "gitops/access", "gitops/bump", "gitops/diagnosis", "gitops/edit", "gitops/guard", "gitops/history",
		"gitops/message", "gitops/proposal", "gitops/repo", "problem",
	},
	"gitops/trailer":   {"commitid", "component", "imageref"},
	"gitops/hold":      {"commitid", "component", "config", "problem"},
	"gitops/diagnosis": {"github", "plan", "problem"},
	"gitops/repo": {
		"backoff", "commitid", "component", "config", "github", "gitops/diagnosis", "gitops/hold", "gitops/trailer", "plan", "problem",
		"yamledit",
	},
	"gitops/edit": {"commitid", "component", "escape", "gitops/hold", "gitops/repo", "plan", "problem", "yamledit"},
	"gitops/bump": {
		"commitid", "component", "config", "escape", "gitops/edit", "gitops/hold", "gitops/repo", "gitops/trailer", "imageref", "notes",
		"plan", "problem", "git", "yamledit",
	},
	"gitops/guard": {
		"backoff", "commitid", "component", "config", "escape", "gitops/bump", "gitops/edit", "gitops/hold", "gitops/repo",
		"gitops/trailer", "imageref", "plan", "problem", "git", "yamledit",
	},
	"gitops/message": {
		"component", "escape", "gitops/bump", "gitops/edit", "gitops/guard", "gitops/hold", "gitops/repo", "gitops/trailer",
	},
	"gitops/proposal": {
		"commitid", "component", "escape", "git", "github", "gitops/bump", "gitops/diagnosis", "gitops/edit", "gitops/guard",
		"gitops/hold", "gitops/message", "gitops/repo", "gitops/trailer", "imageref", "notes", "plan", "problem",
	},
	"gitops/history": {"commitid", "component", "gitops/edit", "gitops/repo", "gitops/trailer", "plan"},
	"gitops/access":  {"commitid", "github", "gitops/diagnosis", "gitops/repo", "plan", "problem"},
	"argocd":         {"backoff", "commitid", "credential", "imageref", "problem", "git", "telemetry", "transport"},
	"scaffold":       {"config", "escape", "output", "problem", "procgroup", "git", "scaffold/declared"},
	"scaffold/declared": {
		"bounded", "imageref",
	},
	"doctor":      {"procgroup"},
	"status":      {"commitid", "component", "imageref"},
	"notes":       {"commitid", "component"},
	"report":      {"commitid", "component", "config", "doctor", "escape", "git", "imageref", "notes", "plan", "problem", "status"},
	"console":     {"component", "config", "doctor", "escape", "imageref", "notes", "plan", "report", "status", "terminal"},
	"summary":     {"commitid", "component", "escape", "imageref", "notes", "plan", "report", "status"},
	"page":        {"commitid", "component", "escape", "imageref", "notes", "report", "status", "webpage"},
	"notify":      {"problem", "redact", "report", "transport"},
	"rendercheck": {"component", "config", "imageref", "problem", "procgroup", "toolchain"},
	"inputs": {
		"commitid", "component", "config", "git", "identity", "imageref", "output", "plan", "prepare", "problem", "registry", "subpath",
		"worktree",
	},
	"runreport": {"buildkit", "component", "gitops", "imageref", "notes", "plan", "registry", "report"},
	"cli": {
		"argocd", "bounded", "buildkit", "commitid", "component", "config", "console", "deployer", "git", "github", "gitops", "identity",
		"imageref", "inputs", "notify", "output", "page", "plan", "problem", "procgroup", "redact", "registry", "report", "runreport",
		"submodule", "subpath", "summary", "telemetry", "terminal", "vars",
	},
	"rollout": {
		"argocd", "cli", "commitid", "component", "config", "console", "git", "gitops", "imageref", "notes", "parallel", "plan",
		"problem", "registry", "rendercheck", "report", "runreport", "vars",
	},
	"preflight": {
		"cli", "component", "gitops", "imageref", "inputs", "parallel", "plan", "problem", "registry", "report", "rollout", "runreport",
		"telemetry",
	},
	"images": {
		"buildkit", "cli", "commitid", "component", "config", "console", "gitops", "identity", "imageref", "inputs", "imageload",
		"output", "parallel", "plan", "preflight", "prepare", "problem", "registry", "report", "rollout", "runreport", "git", "vars",
	},
	"command": { // none of its packages imports another
		"argocd", "buildkit", "cli", "commitid", "component", "config", "console", "doctor", "git", "github", "gitops", "identity",
		"imageref", "images", "inputs", "notes", "notify", "output", "page", "parallel", "plan", "preflight", "prepare", "problem",
		"registry", "report", "rollout", "runreport", "scaffold", "status", "submodule", "subpath", "summary", "telemetry", "transport",
		"vars",
	},
}

// TestCommandsAreIndependent has no command know another: what two of them do is a stage in a room below.
func TestCommandsAreIndependent(t *testing.T) {
	for _, imported := range imports(t, "command") {
		if strings.HasPrefix(imported, module+"magefiles/internal/command/") {
			t.Errorf("a command imports %s", imported)
		}
	}
}

// reportChange is a call of what makes the report, or an assignment to a part of it.
var reportChange = regexp.MustCompile(`\.Record\.|\.Report\.[\w.]+(?:, [\w.]+)* = `)

// TestReportIsMadeInOnePlace has stages return what they did: only commands, and the frame of a run, change its report.
func TestReportIsMadeInOnePlace(t *testing.T) {
	for _, stage := range []string{"images", "preflight", "rollout"} {
		files, err := filepath.Glob(filepath.Join(stage, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no files: %v", stage, err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if reportChange.Match(source) {
				t.Errorf("%s changes the report", file)
			}
		}
	}
}

// heavy are the modules that pure rooms never reach, and impure the packages that their own files never import (yq's
// library links some of them for operators that are switched off).
var (
	heavy  = []string{"github.com/moby/buildkit", "github.com/containerd/", "github.com/google/go-github"}
	impure = []string{"net", "net/http", "os/exec", "google.golang.org/grpc"}
)

// most is the number of third-party packages, Go's own included, that an application repository compiles before its first build: BuildKit's
// client, session and progress need 544 of them, and its Dockerfile frontend 18. A dependency that needs more room earns it here, or
// becomes a module of its own under scripts/tools.
const most = 640

// leftOut are the packages that the build tags of scripts/mage keep out: yq's formats, and gRPC's request pages.
var leftOut = []string{
	"github.com/yuin/gopher-lua", "github.com/hashicorp/hcl/", "github.com/zclconf/go-cty/",
	"github.com/go-ini/ini", "golang.org/x/net/html", "golang.org/x/text/encoding", "golang.org/x/net/trace",
}

func TestRoomsKnowOnlyTheRoomsBelow(t *testing.T) {
	for room, allowed := range rooms {
		for _, dir := range packages(t, room) {
			if roomOf(dir) != room {
				continue
			}
			for _, imported := range importsOf(t, dir) {
				below, ok := strings.CutPrefix(imported, module+"magefiles/internal/")
				if ok && !mayKnow(room, allowed, roomOf(below)) {
					t.Errorf("%s imports %s, which is not below it", dir, below)
				}
			}
		}
	}
}

// mayKnow reports whether a room may import another one. A room that may be imported may be with the rooms in it, but for those
// that are in the same one.
func mayKnow(room string, allowed []string, below string) bool {
	outer, around := outermost(below), outermost(room)
	return room == below || slices.Contains(allowed, below) || outer != around && slices.Contains(allowed, outer)
}

func outermost(dir string) string {
	outer, _, _ := strings.Cut(dir, "/")
	return outer
}

// roomOf returns the innermost room that a package is in.
func roomOf(dir string) string {
	for room := dir; room != "."; room = path.Dir(room) {
		if _, listed := rooms[room]; listed {
			return room
		}
	}
	return outermost(dir)
}

func TestPureRoomsDoNoInputOutput(t *testing.T) {
	for _, room := range []string{"yamledit", "gitops/trailer", "gitops/hold", "plan", "config", "yamlschema", "problem", "status", "notes", "vars", "redact", "escape", "imageref", "commitid"} {
		for _, imported := range transitive(t, "magefiles/internal/"+room) {
			if slices.ContainsFunc(heavy, func(module string) bool { return strings.HasPrefix(imported, module) }) {
				t.Errorf("%s reaches %s", room, imported)
			}
		}
		for _, imported := range imports(t, room) {
			if slices.Contains(impure, imported) {
				t.Errorf("%s imports %s", room, imported)
			}
		}
	}
}

func TestEveryRoomIsListed(t *testing.T) {
	apart := []string{"testkit", "demo", "bench", "project", "publish", "tools"} // for this repository only, above or beside the rooms
	dirs, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		if _, listed := rooms[dir]; !listed && !slices.Contains(apart, dir) && filepath.Ext(dir) == "" {
			t.Errorf("room %s is in no list of this test", dir)
		}
	}
}

// TestConsumersDoNotCompileTheTestkit keeps what only this repository needs out of what application repositories compile.
func TestConsumersDoNotCompileTheTestkit(t *testing.T) {
	for _, imported := range transitive(t, "magefiles/targets") {
		for _, apart := range []string{"testkit", "demo", "bench", "project", "publish", "tools"} {
			if strings.HasPrefix(imported, module+"magefiles/internal/"+apart) {
				t.Errorf("targets reaches %s", imported)
			}
		}
		for _, apart := range []string{"github.com/google/go-containerregistry", "github.com/distribution/distribution/", "github.com/go-jose/"} {
			if imported == "testing" || strings.HasPrefix(imported, apart) {
				t.Errorf("targets reaches %s", imported)
			}
		}
	}
}

// TestConsumersCompileLittle counts what scripts/mage compiles on a fresh runner.
func TestConsumersCompileLittle(t *testing.T) {
	flags, err := script.Flags(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	linked := transitive(t, "magefiles/targets", "GOFLAGS="+flags, "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	others := slices.DeleteFunc(slices.Clone(linked), func(imported string) bool { return strings.HasPrefix(imported, module) })
	if len(others) > most {
		t.Errorf("targets links %d packages of others, at most %d are meant", len(others), most)
	}
	for _, imported := range linked {
		if slices.ContainsFunc(leftOut, func(prefix string) bool { return strings.HasPrefix(imported, prefix) }) {
			t.Errorf("targets links %s, which no target uses", imported)
		}
	}
}

// transitive returns every package that a package of this module links, with the environment of go list.
func transitive(t *testing.T, pkg string, env ...string) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", module+pkg)
	list.Env = append(append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false"), env...)
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("listing the dependencies of %s: %v", pkg, err)
	}
	return strings.Fields(string(out))
}

// imports returns what the files of a room and of its subdirectories import.
func imports(t *testing.T, room string) (all []string) {
	t.Helper()
	for _, dir := range packages(t, room) {
		all = append(all, importsOf(t, dir)...)
	}
	return all
}

// packages returns the directories of a room that may have files of Go, with slashes.
func packages(t *testing.T, room string) (dirs []string) {
	t.Helper()
	err := filepath.WalkDir(room, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || !entry.IsDir():
			return err
		case entry.Name() == "testdata":
			return filepath.SkipDir
		}
		dirs = append(dirs, filepath.ToSlash(path))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

// importsOf returns what the files of a directory import, tests left out, on every system.
func importsOf(t *testing.T, dir string) []string {
	t.Helper()
	context := build.Default
	context.UseAllFiles = true
	pkg, err := context.ImportDir(dir, 0)
	if _, none := errors.AsType[*build.NoGoError](err); none {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return pkg.Imports
}
