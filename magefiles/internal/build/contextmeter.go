package build

import (
	"io/fs"
	"slices"
	"sync"

	"github.com/moby/buildkit/session"
	"github.com/moby/buildkit/session/filesync"
	fstypes "github.com/tonistiigi/fsutil/types"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// meter finds contexts that are larger than they should be, from what is listed for the daemons anyway.
type meter struct {
	mu    sync.Mutex
	large map[string]*contextSize // by absolute context directory; of several builds' the largest
}

func newMeter() *meter { return &meter{large: map[string]*contextSize{}} }

func (m *meter) note(dir string, size *contextSize) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.large[dir]; size.large() && (known == nil || known.files < size.files) {
		m.large[dir] = size
	}
}

// warnings are those about directories that images and what they need are built from, each directory once.
func (m *meter) warnings(b *builder) []Warning {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Warning
	told := map[string]int{}
	for _, img := range b.plan.Images {
		for _, dir := range directories(img) {
			size := m.large[b.dir(dir)]
			if size == nil {
				continue
			}
			i, found := told[dir]
			if !found {
				i = len(all)
				told[dir], all = i, append(all, size.warning(dir))
			}
			all[i].Components = append(all[i].Components, img.Component)
		}
	}
	return all
}

// metered serves the files of dir and counts those that it lists.
type metered struct {
	filesync.FileSyncServer
	meter *meter
	dir   string
}

func (m *meter) serve(dir string, files filesync.DirSource) session.Attachable {
	provider := filesync.NewFSSyncProvider(files)
	server, ok := provider.(filesync.FileSyncServer)
	if !ok || m == nil {
		return provider
	}
	return metered{FileSyncServer: server, meter: m, dir: dir}
}

// Register implements session.Attachable.
func (m metered) Register(server *grpc.Server) { filesync.RegisterFileSyncServer(server, m) }

// DiffCopy implements filesync.FileSyncServer.
func (m metered) DiffCopy(stream filesync.FileSync_DiffCopyServer) error {
	request, _ := metadata.FromIncomingContext(stream.Context())
	if slices.Contains(request.Get("dir-name"), mountDockerfile) { // session/filesync, keyDirName
		return m.FileSyncServer.DiffCopy(stream)
	}
	listed := func(size *contextSize) { m.meter.note(m.dir, size) }
	return m.FileSyncServer.DiffCopy(&listing{FileSync_DiffCopyServer: stream, size: newContextSize(), end: listed})
}

// listing is the stream of one walk, which the sender writes to from one goroutine at a time.
type listing struct {
	filesync.FileSync_DiffCopyServer
	size *contextSize
	end  func(*contextSize)
}

// SendMsg implements grpc.ServerStream.
func (l *listing) SendMsg(message any) error {
	if packet, ok := message.(*fstypes.Packet); ok && packet.Type == fstypes.PACKET_STAT {
		switch stat := packet.Stat; {
		case stat == nil: // the end of the list (fsutil, send.go)
			l.end(l.size)
		case fs.FileMode(stat.Mode).IsRegular():
			l.size.add(stat.Path, stat.Size)
		}
	}
	return l.FileSync_DiffCopyServer.SendMsg(message)
}
