/* A library for LD_PRELOAD that gives each reader of pcscd keys, and a person at them: vpcd's readers have none.

   It answers CM_IOCTL_GET_FEATURE_REQUEST, FEATURE_VERIFY_PIN_DIRECT and FEATURE_MODIFY_PIN_DIRECT in the driver's place
   (PC/SC part 10, revision 2.02.09, sections 2.2 and 2.5), and sends the card what a reader's firmware would make of the
   structures. The person types the first word of PIN_PAD_TYPES as the PIN of now and the second one as the new PIN, twice;
   "cancel" presses the key that cancels. Each entry adds a line to the file PIN_PAD_LOG: the command's first four bytes. */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>

enum { get_feature_request = 0x42000000 + 3400, verify_code = 0x42330006, modify_code = 0x42330007 };

typedef LONG control_function(SCARDHANDLE, DWORD, LPCVOID, DWORD, LPVOID, DWORD, LPDWORD);

static LONG answer(unsigned sw, BYTE *output, LPDWORD length)
{
    output[0] = sw >> 8;
    output[1] = sw & 0xFF;
    *length = 2;
    return SCARD_S_SUCCESS;
}

/* Adds a secret to the command, filled up to the size of a block where there is one. */
static int put(BYTE *command, DWORD *size, const char *secret, unsigned block, unsigned least, unsigned most)
{
    size_t length = strlen(secret);
    if (length < least || length > most || (block && length > block)) return 0;
    memcpy(command + *size, secret, length);
    if (block) memset(command + *size + length, 0xFF, block - length);
    *size += block ? block : length;
    return 1;
}

static LONG enter(SCARDHANDLE card, int modifies, const BYTE *in, DWORD count, BYTE *output, LPDWORD length)
{
    unsigned fixed = modifies ? 24 : 19;
    if (count < fixed + 5 || (DWORD)(in[fixed - 4] | in[fixed - 3] << 8) + fixed != count) return answer(0x6B80, output, length);
    unsigned block = in[3] & 0x0F, most = in[modifies ? 7 : 5], least = in[modifies ? 8 : 6];
    if (in[2] != 0x82 || in[4] != 0) return answer(0x6B80, output, length);
    FILE *log = fopen(getenv("PIN_PAD_LOG"), "a");
    if (log) {
        fprintf(log, "%02X%02X%02X%02X\n", in[fixed], in[fixed + 1], in[fixed + 2], in[fixed + 3]);
        fclose(log);
    }
    char words[128] = "", *save = NULL;
    strncpy(words, getenv("PIN_PAD_TYPES"), sizeof words - 1);
    const char *now = strtok_r(words, " ", &save), *new = strtok_r(NULL, " ", &save);
    if (!now || strcmp(now, "cancel") == 0) return answer(0x6401, output, length);
    BYTE command[64];
    DWORD size = 5;
    memcpy(command, in + fixed, 4);
    int asks_now = !modifies || in[9] & 0x02;
    if (asks_now && !put(command, &size, now, block, least, most)) return answer(0x6403, output, length);
    if (modifies && !put(command, &size, new ? new : "", block, least, most)) return answer(0x6403, output, length);
    command[4] = size - 5;
    DWORD protocol = 0, capacity = 258;
    BYTE received[258];
    if (SCardStatus(card, NULL, NULL, NULL, &protocol, NULL, NULL) != SCARD_S_SUCCESS) return SCARD_E_NOT_TRANSACTED;
    SCARD_IO_REQUEST pci = {protocol, sizeof pci};
    LONG code = SCardTransmit(card, &pci, command, size, NULL, received, &capacity);
    if (code != SCARD_S_SUCCESS || capacity < 2) return code;
    return answer(received[capacity - 2] << 8 | received[capacity - 1], output, length);
}

LONG SCardControl(
    SCARDHANDLE card, DWORD code, LPCVOID input, DWORD count, LPVOID output, DWORD capacity, LPDWORD length)
{
    static const BYTE features[] = {0x06, 4, 0x42, 0x33, 0x00, 0x06, 0x07, 4, 0x42, 0x33, 0x00, 0x07};
    if (code == get_feature_request && capacity >= sizeof features) {
        memcpy(output, features, sizeof features);
        *length = sizeof features;
        return SCARD_S_SUCCESS;
    }
    if ((code == verify_code || code == modify_code) && capacity >= 2)
        return enter(card, code == modify_code, input, count, output, length);
    control_function *next = (control_function *)dlsym(RTLD_NEXT, "SCardControl");
    return next ? next(card, code, input, count, output, capacity, length) : SCARD_E_UNSUPPORTED_FEATURE;
}
