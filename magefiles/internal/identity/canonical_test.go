package identity

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	"google.golang.org/protobuf/proto"

	"github.com/xiilab/astrago-ci/magefiles/internal/worktree"
)

// chain encodes operations, of which each takes the one before it.
func chain(t *testing.T, ops ...*pb.Op) *pb.Definition {
	t.Helper()
	def := &pb.Definition{}
	for _, op := range append(ops, &pb.Op{}) {
		op = op.CloneVT()
		if len(def.Def) > 0 {
			op.Inputs = append(op.Inputs, &pb.Input{Digest: digest.FromBytes(def.Def[len(def.Def)-1]).String()})
		}
		data, err := proto.Marshal(op)
		if err != nil {
			t.Fatal(err)
		}
		def.Def = append(def.Def, data)
	}
	return def
}

func local(attrs map[string]string) *pb.Op {
	return &pb.Op{Op: &pb.Op_Source{Source: &pb.SourceOp{Identifier: "local://context", Attrs: attrs}}}
}

func exec(change func(*pb.ExecOp)) *pb.Op {
	e := &pb.ExecOp{Meta: &pb.Meta{Args: []string{"true"}}, Mounts: []*pb.Mount{{Dest: "/"}}}
	change(e)
	return &pb.Op{Op: &pb.Op_Exec{Exec: e}}
}

func root(t *testing.T, c canonicalForm, def *pb.Definition) (digest.Digest, error) {
	t.Helper()
	ops, err := c.canonicalOps(t.Context(), def)
	return Platform{Ops: ops}.Root(), err
}

func canonicalOf(t *testing.T, files map[string]string) canonicalForm {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := worktree.Open(t.Context(), worktree.Options{Root: dir})
	if err != nil {
		t.Fatal(err)
	}
	return canonicalForm{files: tree, directory: localDirectory}
}

// TestOnlyWhatIsUnderstood holds the list of what has a key: everything else, also what a later BuildKit adds, has none.
func TestOnlyWhatIsUnderstood(t *testing.T) {
	c := canonicalOf(t, map[string]string{"a": "a"})
	source := func(identifier string, attrs map[string]string) *pb.Op {
		return &pb.Op{Op: &pb.Op_Source{Source: &pb.SourceOp{Identifier: identifier, Attrs: attrs}}}
	}
	later := &pb.Op{Op: &pb.Op_Exec{Exec: &pb.ExecOp{Meta: &pb.Meta{}}}}
	later.GetExec().GetMeta().ProtoReflect().SetUnknown([]byte{0xf8, 0x07, 0x01}) // field 127
	for name, def := range map[string]*pb.Definition{
		"build":                  chain(t, &pb.Op{Op: &pb.Op_Build{Build: &pb.BuildOp{}}}),
		"passthrough":            chain(t, &pb.Op{Op: &pb.Op_Passthrough{Passthrough: &pb.PassthroughOp{}}}),
		"field of later":         chain(t, later),
		"layout":                 chain(t, source("oci-layout://x@sha256:"+digest.FromString("x").Encoded(), nil)),
		"blob":                   chain(t, source("docker-image+blob://x", nil)),
		"scheme of later":        chain(t, source("ftp://x", nil)),
		"image without digest":   chain(t, source("docker-image://docker.io/library/alpine:3", nil)),
		"attribute of an image":  chain(t, source("docker-image://alpine@"+digest.FromString("x").String(), map[string]string{"image.later": "1"})),
		"attribute of a context": chain(t, local(map[string]string{"local.later": "1"})),
		"another directory":      chain(t, source("local://elsewhere", map[string]string{pb.AttrLocalSessionID: "../elsewhere"})),
		"operation missing":      {Def: chain(t, local(nil), exec(func(*pb.ExecOp) {})).Def[1:]},
		"address":                chain(t, source("https://example.com/f", nil)),
	} {
		if key, err := root(t, c, def); err == nil {
			t.Errorf("%s: the root %s, want none", name, key)
		}
	}
	for name, def := range map[string]*pb.Definition{
		"merge": chain(t, local(nil), &pb.Op{Op: &pb.Op_Merge{Merge: &pb.MergeOp{}}}),
		"diff":  chain(t, local(nil), &pb.Op{Op: &pb.Op_Diff{Diff: &pb.DiffOp{Lower: &pb.LowerDiffInput{}, Upper: &pb.UpperDiffInput{}}}}),
	} {
		if _, err := root(t, c, def); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNotCounted holds that what differs between runs and daemons gives the same root, and that what makes another image gives
// another one.
func TestNotCounted(t *testing.T) {
	c := canonicalOf(t, map[string]string{"a": "a"})
	plain := func(*pb.ExecOp) {}
	want, err := root(t, c, chain(t, local(map[string]string{pb.AttrLocalSessionID: ".", pb.AttrSharedKeyHint: "x"}), exec(plain)))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		attrs  map[string]string
		change func(*pb.ExecOp)
		same   bool
	}{
		"session":                   {map[string]string{pb.AttrLocalUniqueID: "2", pb.AttrLocalDiffer: "none"}, plain, true},
		"proxy":                     {nil, func(e *pb.ExecOp) { e.Meta.ProxyEnv = &pb.ProxyEnv{HttpProxy: "http://proxy"} }, true},
		"cgroup parent":             {nil, func(e *pb.ExecOp) { e.Meta.CgroupParent = "x" }, true},
		"filter that hides nothing": {map[string]string{pb.AttrExcludePatterns: `["b"]`}, plain, true},
		"filter":                    {map[string]string{pb.AttrExcludePatterns: `["a"]`}, plain, false},
		"hostname":                  {nil, func(e *pb.ExecOp) { e.Meta.Hostname = "x" }, false},
		"hosts":                     {nil, func(e *pb.ExecOp) { e.Meta.ExtraHosts = []*pb.HostIP{{Host: "a", IP: "1.2.3.4"}} }, false},
		"limits":                    {nil, func(e *pb.ExecOp) { e.Meta.Ulimit = []*pb.Ulimit{{Name: "nofile", Soft: 1, Hard: 1}} }, false},
		"network":                   {nil, func(e *pb.ExecOp) { e.Network = pb.NetMode_NONE }, false},
		"security":                  {nil, func(e *pb.ExecOp) { e.Security = pb.SecurityMode_INSECURE }, false},
		"secret":                    {nil, func(e *pb.ExecOp) { e.Secretenv = []*pb.SecretEnv{{ID: "s", Name: "S"}} }, false},
		"device":                    {nil, func(e *pb.ExecOp) { e.CdiDevices = []*pb.CDIDevice{{Name: "gpu"}} }, false},
	} {
		attrs := map[string]string{pb.AttrLocalSessionID: "."}
		maps.Copy(attrs, test.attrs)
		got, err := root(t, c, chain(t, local(attrs), exec(test.change)))
		if err != nil || (got == want) != test.same {
			t.Errorf("%s: the root %s (%v), and %s without it; want the same: %v", name, got, err, want, test.same)
		}
	}
}

// TestTaken holds that a file of a context counts only where something may take it: a tmpfs mount makes BuildKit send all.
func TestTaken(t *testing.T) {
	copied := func(src string) *pb.Op {
		action := &pb.FileAction{Input: -1, Action: &pb.FileAction_Copy{Copy: &pb.FileActionCopy{Src: src, Dest: "/"}}}
		return &pb.Op{Op: &pb.Op_File{File: &pb.FileOp{Actions: []*pb.FileAction{action}}}}
	}
	mounted := func(selector string) *pb.Op {
		return exec(func(e *pb.ExecOp) {
			e.Mounts = []*pb.Mount{{Dest: "/", Input: -1}, {Dest: "/m", Input: 0, Selector: selector}}
		})
	}
	for name, test := range map[string]struct {
		taker *pb.Op
		other bool // a file beside what is taken counts
	}{
		"copy": {copied("/d"), false}, "mount": {mounted("d"), false},
		"copy of all": {copied("/"), true}, "mount of all": {mounted(""), true}, "pattern": {copied("/d*"), true},
		"root of a step": {exec(func(*pb.ExecOp) {}), true}, "merge": {&pb.Op{Op: &pb.Op_Merge{Merge: &pb.MergeOp{}}}, true},
	} {
		var roots []digest.Digest
		for _, files := range []map[string]string{{"d/a": "a", "b": "b"}, {"d/a": "A", "b": "b"}, {"d/a": "a", "b": "B"}} {
			got, err := root(t, canonicalOf(t, files), chain(t, local(map[string]string{pb.AttrLocalSessionID: "."}), test.taker))
			if err != nil {
				t.Fatal(err)
			}
			roots = append(roots, got)
		}
		if roots[0] == roots[1] || (roots[0] != roots[2]) != test.other {
			t.Errorf("%s: roots %q; the first file must count, the second one: %v", name, roots, test.other)
		}
	}
}
