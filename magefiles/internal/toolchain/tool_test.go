package toolchain_test

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/toolchain"
)

// TestToolIsCompiledOncePerContent asks for it several times at once.
func TestToolIsCompiledOncePerContent(t *testing.T) {
	tool := toolchain.Tool{Name: "seven", Module: module(t, "package main\n\nfunc main() {}\n"), Bin: filepath.Join(t.TempDir(), "bin"), Takes: "a moment"}
	var said atomic.Int32
	ensure := func() string {
		path, err := tool.Ensure(t.Context(), func(string, ...any) { said.Add(1) }, "")
		if err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("the tool at %q: %v", path, err)
		}
		return path
	}
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() { ensure() })
	}
	group.Wait()
	before := ensure()
	if n := said.Load(); n != 1 {
		t.Errorf("compiled %d times", n)
	}
	if err := os.WriteFile(filepath.Join(tool.Module.Dir, "go.mod"), []byte("module example.com/tool\n\ngo 1.26.1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if after := ensure(); after == before || said.Load() != 2 {
		t.Errorf("with other pins it is at %q, compiled %d times", after, said.Load())
	}
}
