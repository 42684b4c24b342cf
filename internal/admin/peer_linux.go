package admin

import (
	"fmt"
	"net"
	"os"
	"os/user"
	"strconv"

	sys "golang.org/x/sys/unix"

	"posagent/internal/admin/access"
)

// peerOf tells by the kernel's word which user is at the other end of a unix
// socket. The socket's mode keeps others out; this holds where somebody has
// widened it.
func (s *Server) peerOf(conn net.Conn) (string, access.Roles) {
	uid, err := uidOf(conn)
	if err != nil {
		s.log.Error("who is at the admin socket cannot be told", "error", err)
		return "unknown", nil
	}
	name := "uid " + strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(strconv.FormatUint(uint64(uid), 10)); err == nil {
		name += " (" + u.Username + ")"
	}
	if uid != 0 && int(uid) != os.Geteuid() {
		return name, nil
	}
	return name, access.All()
}

func uidOf(conn net.Conn) (uint32, error) {
	own, ok := conn.(*net.UnixConn)
	if !ok {
		return 0, fmt.Errorf("a %T is no unix socket", conn)
	}
	raw, err := own.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *sys.Ucred
	var inner error
	if err := raw.Control(func(fd uintptr) { cred, inner = sys.GetsockoptUcred(int(fd), sys.SOL_SOCKET, sys.SO_PEERCRED) }); err != nil {
		return 0, err
	}
	if inner != nil {
		return 0, inner
	}
	return cred.Uid, nil
}
