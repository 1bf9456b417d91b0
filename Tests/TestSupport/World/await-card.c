/* await-card present|absent READER: waits until a reader is there and has a card, or is there and has none.
   Ends with 0 when it is so, with 1 after ten seconds. */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <winscard.h>

static long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    DWORD wanted = strcmp(argv[1], "present") == 0 ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY;
    SCARD_READERSTATE state = {.szReader = argv[2], .dwCurrentState = SCARD_STATE_UNAWARE};
    SCARDCONTEXT context;
    int connected = 0;
    LONG status = SCARD_S_SUCCESS;

    for (long end = now_ms() + 10000; now_ms() < end;) {
        if (!connected) {
            status = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
            connected = status == SCARD_S_SUCCESS;
        }
        if (connected) {
            status = SCardGetStatusChange(context, 100, &state, 1);
            if (status == SCARD_S_SUCCESS && (state.dwEventState & wanted)
                && !(state.dwEventState & SCARD_STATE_MUTE))
                return 0;
            state.dwCurrentState = status == SCARD_S_SUCCESS ? state.dwEventState : SCARD_STATE_UNAWARE;
            if (status == SCARD_S_SUCCESS || status == (LONG)SCARD_E_TIMEOUT)
                continue;
        }
        usleep(5000);
    }
    fprintf(stderr, "%s: not %s: status %08lX, state %08lX\n", argv[2], argv[1], (unsigned long)status,
            (unsigned long)state.dwEventState);
    return 1;
}
