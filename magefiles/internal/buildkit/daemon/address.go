package daemon

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/moby/buildkit/client"
	// Each teaches client.New a scheme.
	_ "github.com/moby/buildkit/client/connhelper/dockercontainer"
	_ "github.com/moby/buildkit/client/connhelper/kubepod"
	_ "github.com/moby/buildkit/client/connhelper/npipe"
	_ "github.com/moby/buildkit/client/connhelper/podmancontainer"
	_ "github.com/moby/buildkit/client/connhelper/ssh"
	"google.golang.org/grpc"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// TLS names PEM files for tcp:// addresses, as buildctl's options --tlscacert, --tlscert and --tlskey do. All empty is a
// connection without TLS. A query of the address overrides them, with the names of buildx's remote driver:
// tcp://host:1234?cacert=FILE&cert=FILE&key=FILE&servername=NAME.
type TLS struct {
	CA   string // the authority that signed the daemon's certificate; empty means the system's
	Cert string // the client's certificate
	Key  string // its key
}

// hostAddress is one address of BUILDKIT_HOST.
type hostAddress struct {
	url  *url.URL
	text string
	tls  TLS
}

// schemeTools are the schemes that can be dialled, with the program that some of them are dialled through.
func schemeTools() map[string]string {
	return map[string]string{
		"unix": "", "npipe": "", "tcp": "",
		"ssh": "ssh", "docker-container": "docker", "podman-container": "podman", "kube-pod": "kubectl",
	}
}

// parseAddresses splits BUILDKIT_HOST at its commas; an address that is there twice counts once.
func parseAddresses(host string, files TLS) ([]hostAddress, error) {
	var all []hostAddress
	for text := range strings.SplitSeq(host, ",") {
		text = strings.TrimSpace(text)
		if text == "" || slices.ContainsFunc(all, func(a hostAddress) bool { return a.text == text }) {
			continue
		}
		u, err := url.Parse(text)
		if err != nil {
			return nil, problem.New(problem.Usage, addressRemedy, "reading BUILDKIT_HOST: one of its addresses is not a URL")
		}
		if _, ok := schemeTools()[u.Scheme]; !ok {
			return nil, problem.New(problem.Usage, addressRemedy, "connecting to BUILDKIT_HOST %q: its scheme is not supported",
				u.Redacted())
		}
		all = append(all, hostAddress{url: u, text: text, tls: files})
	}
	if len(all) == 0 {
		return nil, problem.New(problem.Usage, addressRemedy, "reading BUILDKIT_HOST: it holds no address")
	}
	return all, nil
}

const addressRemedy = "set it to an address such as unix:///run/buildkit/buildkitd.sock or tcp://host:1234, or to several with commas " +
	"(unix, tcp, ssh, docker-container, podman-container, kube-pod)"

// String is the address as it may be shown.
func (a hostAddress) String() string { return a.url.Redacted() }

// requireProgram checks that the program is there that the address is dialled through.
func (a hostAddress) requireProgram() error {
	name := schemeTools()[a.url.Scheme]
	if name == "" {
		return nil
	}
	if _, err := exec.LookPath(name); err != nil {
		return fmt.Errorf("%s:// needs the program %q, which is not in PATH", a.url.Scheme, name)
	}
	return nil
}

// inTheClear reports whether the connection is made without TLS, as options makes it.
func (a hostAddress) inTheClear() bool {
	if a.url.Scheme != "tcp" {
		return false
	}
	query, files := a.url.Query(), a.tls
	return query.Get("cacert")+query.Get("servername")+query.Get("cert")+query.Get("key")+files.CA+files.Cert+files.Key == ""
}

func (a hostAddress) clientOptions() []client.ClientOpt {
	if a.url.Scheme != "tcp" {
		return nil
	}
	query := a.url.Query()
	ca, server := cmp.Or(query.Get("cacert"), a.tls.CA), query.Get("servername")
	cert, key := cmp.Or(query.Get("cert"), a.tls.Cert), cmp.Or(query.Get("key"), a.tls.Key)
	options := []client.ClientOpt{client.WithGRPCDialOption(grpc.WithContextDialer(dialTCP))}
	switch {
	case ca != "":
		options = append(options, client.WithServerConfig(server, ca))
	case server != "" || cert != "" || key != "":
		options = append(options, client.WithServerConfigSystem(server))
	}
	if cert != "" || key != "" {
		options = append(options, client.WithCredentials(cert, key))
	}
	return options
}

// dialTCP finds out within a minute or two that a daemon's machine is gone without a word, where the system's default
// takes two hours.
func dialTCP(ctx context.Context, address string) (net.Conn, error) {
	alive := net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 4}
	return (&net.Dialer{KeepAliveConfig: alive}).DialContext(ctx, "tcp", address)
}

// isLocal reports whether the daemon is on this machine, as far as its address shows.
func (a hostAddress) isLocal(ctx context.Context) bool {
	switch a.url.Scheme {
	case "unix", "npipe":
		return true
	case "tcp":
		ip := net.ParseIP(a.url.Hostname())
		return a.url.Hostname() == "localhost" || ip.IsLoopback()
	case "docker-container":
		return dockerIsLocal(ctx, a.url.Query().Get("context"))
	case "podman-container":
		out, err := procgroup.Command(ctx, "podman", "info", "--format", "{{.Host.ServiceIsRemote}}").Output()
		return err == nil && strings.TrimSpace(string(out)) == "false"
	}
	return false
}

// dockerIsLocal reports whether a context of the docker CLI, empty for the current one, is a daemon on this machine.
func dockerIsLocal(ctx context.Context, name string) bool {
	args := []string{"context", "inspect", "--format", "{{.Endpoints.docker.Host}}"}
	if name != "" {
		args = append(args, name)
	}
	out, err := procgroup.Command(ctx, "docker", args...).Output()
	endpoint := string(out)
	return err == nil && (strings.HasPrefix(endpoint, "unix://") || strings.HasPrefix(endpoint, "npipe://"))
}
