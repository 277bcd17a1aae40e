package contract_test

import (
	"bufio"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract"
)

// holder makes this test binary start emulate and wait, to be killed.
const holder = "CONTRACT_TEST_HOLD_EMULATE"

func TestEmulateEndsWithItsProcess(t *testing.T) {
	if os.Getenv(holder) != "" {
		fmt.Fprintln(os.Stdout, contract.StartEmulate(t).URL)
		select {}
	}
	contract.StartEmulate(t) // skips where the other process would
	self := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	self.Env = append(os.Environ(), holder+"=1")
	stdout, err := self.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	if !answers(address.Host) {
		t.Fatalf("emulate does not answer at %s", address.Host)
	}
	if err := self.Process.Kill(); err != nil { // the hardest way to end, with no time to clean up
		t.Fatal(err)
	}
	_ = self.Wait()
	for end := time.Now().Add(time.Minute); answers(address.Host); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("emulate outlives the process that started it")
		}
	}
}

func answers(address string) bool {
	connection, err := net.DialTimeout("tcp", address, time.Second)
	if err == nil {
		connection.Close()
	}
	return err == nil
}
